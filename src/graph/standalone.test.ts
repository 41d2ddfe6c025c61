import fc from "fast-check";
import * as ort from "onnxruntime-node";
import { expect, it } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import * as g from "./index.ts";
import { foldConstants } from "./rewrite/fold-constants.ts";
import { type StandaloneDefinition, writeStandalone } from "./standalone.ts";
import { evaluate } from "./testing/evaluate.ts";

const compute = async (tensors: g.Outputs) =>
  (await evaluate(tensors, new Map(), g.STANDARD_TARGET)) as Record<string, Float32Array>;
const define = (build: (x: g.Tensor) => g.Tensor, features = 8): StandaloneDefinition => ({
  name: "trial",
  build: (batch) => {
    const x = g.input("x", [batch, features]);
    return { inputs: { x }, outputs: { y: build(x) } };
  },
  evaluate: compute,
  metadata: { greeting: "good day" },
});
const ramp = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i));

/**
 * Everything in which a generator's shapes mention the batch: reshapes to maps and back, zero
 * insertion, enlargement by products.
 */
const network = (x: g.Tensor): g.Tensor => {
  const n = x.shape[0]!;
  const maps = g.reshape(x, [n, 2, 2, 2]);
  const kernel = g.reverse(g.constant(ramp(36), [2, 2, 3, 3], "kernel"), [2, 3]);
  const nailed = g.conv2d(g.pad(maps, [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]), kernel, undefined, {
    padding: 1,
  });
  const enlarged = g.upsampleNearest(g.upsampleBilinear(nailed), 2);
  const rows = g.mul(g.reshape(enlarged, [n * 2, 256]), g.exp(g.constant(ramp(256), [1, 256], "scale")));
  return g.reshape(rows, [n, 512]);
};

it("gives for every batch size what the graph of that size gives", async () => {
  const session = await ort.InferenceSession.create(await writeStandalone(define(network)));
  expect([session.inputNames, session.outputNames]).toEqual([["x"], ["y"]]);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 70 }), async (batch) => {
      const values = ramp(batch * 8);
      const x = g.input("x", [batch, 8]);
      const { y } = await evaluate({ y: network(x) }, new Map([[x, values]]), g.STANDARD_TARGET);
      const result = await session.run({ x: new ort.Tensor("float32", values, [batch, 8]) });
      expect(result.y?.dims).toEqual([batch, 512]);
      expectClose(result.y!.data as Float32Array, y as Float32Array, {
        relative: 1e-5,
        name: `batch ${batch}`,
      });
    }),
    { numRuns: 12 },
  );
  await session.release();
});

it.each([
  ["a shape that is a multiple of it", (x: g.Tensor) => g.reshape(x, [x.shape[0]! * 2, 4])],
  ["a mean over the batch", (x: g.Tensor) => g.mean(x, [0])],
  ["its last element", (x: g.Tensor) => g.sliceAxis(x, 0, x.shape[0]! - 1, x.shape[0]!)],
  ["repetition along it", (x: g.Tensor) => g.broadcastTo(g.mean(x, [0], true), x.shape)],
])("refuses %s", async (_, build) => {
  await expect(writeStandalone(define(build))).rejects.toThrow(/trial: .* depends on the size of "batch"/);
});

it("carries its metadata", async () => {
  const text = new TextDecoder("latin1").decode(await writeStandalone(define(g.relu)));
  expect(text).toMatch(/greeting.*good day/s);
});

it("folds what follows from constants alone, and keeps the names", async () => {
  const x = g.input("x", [2, 3]);
  const kernel = g.constant(ramp(9), [3, 3], "layer/kernel");
  const before = {
    y: g.mul(g.matmul(x, g.transpose(kernel, [1, 0])), g.broadcastTo(g.exp(g.constant(1)), [2, 3])),
  };
  const after = await foldConstants(before, compute);
  expect(g.print(after)).not.toMatch(/ = (transpose|exp)\(/);
  expect(g.print(after)).toMatch(/name="layer\/kernel"/);
  // Repeating a number would only make the model larger.
  expect(g.print(after)).toMatch(/broadcastTo/);
  const values = new Map([[x, ramp(6)]]);
  const [was, is] = [await evaluate(before, values), await evaluate(after, values)];
  expectClose(is.y as Float32Array, was.y as Float32Array, { relative: 1e-6, name: "y" });
});

it("folds a constant that another folded one is made of", async () => {
  const x = g.input("x", [2]);
  const inner = g.exp(g.constant([1, 2]));
  const before = { a: g.add(x, inner), b: g.mul(x, g.sqrt(inner)) };
  const after = await foldConstants(before, compute);
  expect(g.print(after)).not.toMatch(/ = (exp|sqrt)\(/);
  const { a, b } = await evaluate(after, new Map([[x, Float32Array.of(1, 1)]]));
  expectClose(a as Float32Array, [1 + Math.E, 1 + Math.E ** 2], { relative: 1e-6, name: "a" });
  expectClose(b as Float32Array, [Math.E ** 0.5, Math.E], { relative: 1e-6, name: "b" });
});
