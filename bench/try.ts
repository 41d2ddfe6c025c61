import * as ort from "onnxruntime-node";
import { buildSteps } from "../src/objectives/build.ts";
import { benchSettings, type Form } from "./settings.ts";

const [form = "compare_gan", gw = "32", dw = "32", block = "0", reps = "6", profile = ""] =
  process.argv.slice(2);
const t0 = performance.now();
const steps = buildSteps(benchSettings(form as Form, +gw, +dw), { provider: "cpu", block: +block });
const t1 = performance.now();
const state = steps.initialState(1);
const store = new Map<string, ort.Tensor>(
  Object.entries(state).map(([k, v]) => [k, new ort.Tensor("float32", v, [v.length])]),
);
const times: Record<string, number[]> = {};
for (const program of [steps.discriminatorStep, steps.generatorStep]) {
  const s = await ort.InferenceSession.create(program.model, {
    enableMemPattern: false,
    intraOpNumThreads: 2,
    logSeverityLevel: 3,
    ...(profile && { enableProfiling: true, profileFilePrefix: `/tmp/x/${program.name}` }),
  });
  const list: number[] = [];
  times[program.name] = list;
  for (let r = 0; r < +reps; r++) {
    const feeds: Record<string, ort.Tensor> = {};
    for (const f of program.feeds) {
      const n = f.shape.reduce((a, b) => a * b, 1);
      feeds[`feed:${f.name}`] =
        f.dtype === "uint8"
          ? new ort.Tensor(
              "uint8",
              Uint8Array.from({ length: n }, () => Math.random() * 255),
              f.shape,
            )
          : new ort.Tensor(
              "float32",
              Float32Array.from({ length: n }, () =>
                f.name === "latents" ? Math.random() * 2 - 1 : f.name === "emaDecay" ? 0.99 : 2e-4,
              ),
              f.shape,
            );
    }
    for (const b of program.reads) feeds[`state:${b.name}`] = store.get(b.name)!;
    const a = performance.now();
    const out = await s.run(feeds);
    list.push(performance.now() - a);
    for (const b of program.writes) store.set(b.name, out[`write:${b.name}`]!);
  }
  if (profile) {
    s.endProfiling();
  }
  await s.release();
}
const min = (l: number[]) => Math.min(...l.slice(1)).toFixed(0);
const med = (l: number[]) =>
  l
    .slice(1)
    .sort((a, b) => a - b)
    [Math.floor((l.length - 1) / 2)]!.toFixed(0);
console.log(
  form,
  gw,
  dw,
  "block",
  block,
  "D",
  min(times.discriminatorStep!),
  "G",
  min(times.generatorStep!),
  "min sum",
  +min(times.discriminatorStep!) + +min(times.generatorStep!),
  "median",
  med(times.discriminatorStep!),
  med(times.generatorStep!),
  "trace",
  (t1 - t0).toFixed(0),
  "rss",
  (process.resourceUsage().maxRSS / 1024).toFixed(0),
);
