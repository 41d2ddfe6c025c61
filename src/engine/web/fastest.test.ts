import { expect, test } from "vitest";
import { createInThread } from "../rpc/in-thread.ts";
import { openRuntime } from "../sessions/runtime.node.ts";
import { accumulate } from "../testing/programs.ts";
import { openFastest } from "./fastest.ts";

const openCpu = () => openRuntime({ device: "cpu", threads: 1 });

test("what is left of the race is fresh and can be used", async () => {
  const opened = await openFastest([openCpu, () => Promise.reject(new Error("no adapter"))]);
  expect(opened.info.description).toMatch(/^cpu \(auto, by a trial step: cpu [\d.]+ ms\), 1 thread/);
  const engine = await createInThread(async () => opened);
  await expect(engine.readState(["trial/first"])).rejects.toThrow(/in the store: nothing yet/);
  const executable = await engine.compile(accumulate(1));
  await engine.writeState({ w: Float32Array.of(1) });
  expect((await executable.run({ x: Float32Array.of(2) })).sum).toEqual(Float32Array.of(3));
  await engine.close();
});

test("one that is not faster does not replace the CPU's, the first", async () => {
  // The same runtime, held back, so that no other program on this machine can decide the race.
  const likeGpu = async () => {
    const { store, info } = await openCpu();
    const run: typeof store.run = async (...call) => {
      await new Promise((next) => setTimeout(next, 50));
      return store.run(...call);
    };
    return { store: { ...store, run }, info: { ...info, device: "webgpu" as const } };
  };
  const { info } = await openFastest([openCpu, likeGpu]);
  expect(info.description).toMatch(/cpu [\d.]+ ms, webgpu ([\d.]+ ms|slower)/);
});

test("without the CPU there is nothing", async () => {
  await expect(openFastest([() => Promise.reject(new Error("no files"))])).rejects.toThrow("no files");
});
