import { createEngine } from "./src/engine/node.node.ts";
import { program, float } from "./src/engine/testing/onnx.ts";
const mode = process.argv[2];
const n = 2_500_000, m = 1536;
const p = program("grow", [
  {op:"Add", inputs:["feed:x","state:w"], outputs:["write:w"]},
  {op:"Identity", inputs:["feed:batch"], outputs:["result:batch"]},
], {feeds:[float("x"), float("batch",200_000)], reads:[float("w",n)], writes:[float("w",n)], results:[float("batch",200_000)]});
const mm = ["a"]; const nodes=[{op:"MatMul",inputs:["feed:a","feed:a"],outputs:["t0"]}];
for(let i=0;i<20;i++) nodes.push({op:"MatMul",inputs:["feed:a","t"+i],outputs:[i===19?"result:y":"t"+(i+1)]});
const slow = program("slow", nodes, {feeds:[float("a",m,m)], results:[float("y",m,m)]});
const e = await createEngine({device:"cpu",threads:2});
if (mode==="grow") {
  const x = await e.compile(p); await e.writeState({w:new Float32Array(n)});
  for (let i=0;i<400;i++){ await x.run({x:new Float32Array([1]),batch:new Float32Array(200_000)}); if(i%50===0) console.log(i,(process.memoryUsage.rss()/1e6).toFixed(0)); }
  console.log((await e.readState(["w"])).w![5]); await e.close();
} else {
  const s = await e.compile(slow); const f={a:new Float32Array(m*m)};
  let ticks=0; const timer=setInterval(()=>ticks++,5);
  const t0=performance.now(); const r=s.run(f); const r2=s.run(f); 
  r.then(()=>console.log("run1 ok",(performance.now()-t0).toFixed(0),"ticks",ticks),e=>console.log("run1",String(e)));
  r2.then(()=>console.log("run2 ok"),e=>console.log("run2",String(e)));
  if (mode==="exit") setTimeout(()=>process.exit(7),60);
  if (mode==="throw") setTimeout(()=>{throw new Error("boom")},60);
  if (mode==="close") setTimeout(async()=>{await e.close(); console.log("closed",(performance.now()-t0).toFixed(0)); clearInterval(timer)},60);
  if (mode==="await") { await r; await r2; clearInterval(timer); console.log("no close"); }
}
