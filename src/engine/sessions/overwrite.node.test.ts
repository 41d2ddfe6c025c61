/**
 * State that programs write over: the same numbers as in new memory, in the array that was there.
 */
import * as ort from "onnxruntime-node";
import { describe, expect, it, onTestFinished } from "vitest";
import { compile, type Target } from "../../graph/compile.ts";
import * as g from "../../graph/index.ts";
import { type OnnxProgram, toOnnx } from "../../graph/onnx/program.ts";
import type { TensorData } from "../engine.ts";
import { fragile } from "../testing/programs.ts";
import { createSessionStore, type SessionStore } from "./sessions.ts";
import { hostMemory } from "./state.ts";

const TARGET: Target = { provider: "cpu", block: 0 };
const written = (...given: Parameters<typeof compile>): OnnxProgram => toOnnx(compile(...given));
const w = g.input("w", [4]);
const x = g.input("x", [4]);
const descend = written(
  { name: "descend", feeds: { x }, reads: { w }, writes: { w: g.sub(w, x) }, results: { sum: g.sum(w) } },
  TARGET,
);
const follow = written(
  { name: "follow", feeds: { x }, reads: { w }, writes: { w: g.sub(w, g.mul(x, g.sum(w))) } },
  TARGET,
);
const feed = (): Record<string, TensorData> => ({ x: Float32Array.of(1, 2, 3, 4) });

function open(overwrites: boolean): SessionStore {
  const store = createSessionStore(
    ort,
    () => ({ intraOpNumThreads: 1, logSeverityLevel: 4 }),
    hostMemory(ort, overwrites),
  );
  onTestFinished(() => store.dispose());
  return store;
}

it("what is written is in the array that was there", async () => {
  const store = open(true);
  expect([descend.overwrites, follow.overwrites]).toEqual([[], ["w"]]);
  await store.load([1], [follow], follow.model);
  const array = Float32Array.of(1, 1, 1, 1);
  await store.write({ w: array });
  await store.run(1, feed(), {});
  expect([...array]).toEqual([-3, -7, -11, -15]);
  await store.run(1, feed(), {});
  expect(await store.read(["w"])).toEqual({ w: array });
  expect([...array]).toEqual([33, 65, 97, 129]);
});

describe.each([true, false])("with memory that is written over: %s", (overwrites) => {
  it("another entry in its place stays as it is", async () => {
    const store = open(overwrites);
    await store.load([1], [follow], follow.model);
    await store.write({ w: Float32Array.of(9, 9, 9, 9), other: Float32Array.of(1, 1, 1, 1) });
    await store.run(1, feed(), { w: "other" });
    expect(await store.read(["w", "other"])).toEqual({
      w: Float32Array.of(-3, -7, -11, -15),
      other: Float32Array.of(1, 1, 1, 1),
    });
  });

  it("a value that somebody reads is not written over", async () => {
    const store = open(overwrites);
    await store.load([1], [descend], descend.model);
    await store.write({ w: Float32Array.of(1, 1, 1, 1) });
    expect(await store.run(1, feed(), {})).toEqual({ sum: Float32Array.of(4) });
    expect(await store.run(1, feed(), {})).toEqual({ sum: Float32Array.of(-6) });
  });
});

it("what a failed run was writing over is gone, and says so until it is written again", async () => {
  const store = open(true);
  const program = { ...toOnnx(fragile), overwrites: ["w"] };
  await store.load([1], [program], program.model);
  const write = () => store.write({ w: new Float32Array(4) });
  await write();
  await expect(store.run(1, { ...feed(), index: BigInt64Array.of(99n) }, {})).rejects.toThrow(/"fragile"/);
  await expect(store.read(["w"])).rejects.toThrow('state "w" was lost when program "fragile" failed');
  await write();
  expect(await store.run(1, { ...feed(), index: BigInt64Array.of(3n) }, {})).toEqual({
    picked: Float32Array.of(4),
  });
});

it("an entry that is not there yet, or has another size, is made anew", async () => {
  const store = open(true);
  const program = written({ name: "set", feeds: { x }, writes: { w: g.neg(x) } }, TARGET);
  expect(program.overwrites).toEqual(["w"]);
  await store.load([1], [program], program.model);
  const negative = { w: Float32Array.of(-1, -2, -3, -4) };
  await store.run(1, feed(), {});
  expect(await store.read(["w"])).toEqual(negative);
  await store.write({ w: new Float32Array(2) });
  await store.run(1, feed(), {});
  expect(await store.read(["w"])).toEqual(negative);
});
