/**
 * Run by the engine's tests in a process of its own: how a process with an engine ends, and whether
 * its memory stays flat. Arguments: what to do, and the module that has `createEngine` (sources or
 * dist).
 */
import { residentMemory } from "../devices/cpu.node.ts";
import { accumulate, slow } from "./programs.ts";

const [mode, module] = process.argv.slice(2);
const { createEngine } = (await import(module ?? "")) as typeof import("../node.node.ts");
const engine = await createEngine({ device: "cpu", threads: 2 });

if (mode === "close" || mode === "leave-open") {
  const executable = await engine.compile(accumulate(4));
  await engine.writeState({ w: Float32Array.of(1, 2, 3, 4) });
  const { sum } = await executable.run({ x: new Float32Array(4) });
  console.log(`sum ${sum?.[0]}`);
  if (mode === "close") await engine.close();
} else if (mode === "memory") {
  const size = 2_500_000;
  const executable = await engine.compile(accumulate(size));
  await engine.writeState({ w: new Float32Array(size) });
  const feed = { x: new Float32Array(size) };
  const memoryAfter = async (runs: number): Promise<number> => {
    for (let i = 0; i < runs; i++) await executable.run(feed);
    return residentMemory().now;
  };
  const early = await memoryAfter(40);
  const late = await memoryAfter(200);
  console.log(`growth ${late - early}`);
  await engine.close();
} else {
  const executable = await engine.compile(slow(1024, 60));
  const run = executable.run({ a: new Float32Array(1024 * 1024) });
  run.catch(() => undefined);
  setTimeout(() => {
    if (mode === "exit") process.exit(7);
    throw new Error("a mistake elsewhere");
  }, 50);
}
