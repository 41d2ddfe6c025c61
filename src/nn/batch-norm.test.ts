import { expect, it } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { randomStream } from "../base/random.ts";
import { input, type Tensor } from "../graph/index.ts";
import { evaluate, type Values } from "../graph/testing/evaluate.ts";
import { type BatchNormOptions, batchNorm, batchNormalize } from "./batch-norm.ts";
import { traceNetwork } from "./scope.ts";

const OPTIONS: BatchNormOptions = { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: false };

it("normalizes as compare_gan's own check says", async () => {
  const x = input("x", [8, 1, 1, 1]);
  const [gamma, beta] = [input("gamma", [1]), input("beta", [1])];
  const values = new Map<Tensor, Values>([
    [x, Float32Array.of(5, 5, 1, 4, 6, 5, 2, 6)],
    [gamma, Float32Array.of(1)],
    [beta, Float32Array.of(0)],
  ]);
  const { y, mean, variance } = await evaluate({ ...batchNormalize(x, gamma, beta, 1e-3) }, values);
  expectClose(mean as Float32Array, [4.25], { relative: 1e-6, name: "mean" });
  expectClose(variance as Float32Array, [2.9375], { relative: 1e-6, name: "variance" });
  expectClose(
    y as Float32Array,
    [0.4375205, 0.4375205, -1.8959222, -0.1458402, 1.0208812, 0.4375205, -1.3125615, 1.0208812],
    { relative: 1e-6, name: "normalized" },
  );
});

/** One pass of the layer over x [4, 2, 3, 3] with given statistics, in training or not. */
async function pass(training: boolean, options = OPTIONS) {
  const random = randomStream(1, "batch norm");
  const trace = traceNetwork("net", training);
  const x = input("x", [4, 2, 3, 3]);
  const y = batchNorm(trace.scope, x, options);
  const data = Float32Array.from({ length: 72 }, (_, i) => 3 + (Math.floor(i / 9) % 2) + 2 * random.normal());
  const given: Record<string, Float32Array> = {
    "net/gamma": Float32Array.of(2, 0.5),
    "net/beta": Float32Array.of(-1, 1),
    "net/mean": Float32Array.of(0.5, -2),
    "net/variance": Float32Array.of(4, 0.25),
  };
  const owned = [...trace.parameters, ...trace.buffers];
  expect(owned.map(({ name }) => name)).toEqual(Object.keys(given));
  const values = new Map<Tensor, Values>([
    [x, data],
    ...owned.map(({ leaf, name }) => [leaf, given[name]!] as const),
  ]);
  const [mean, variance] = trace.buffers.map(({ current }) => current);
  const result = await evaluate({ y, mean: mean!, variance: variance! }, values);
  const channel = (c: number): number[] => [...data].filter((_, i) => Math.floor(i / 9) % 2 === c);
  return { result, data, channel };
}
const meanOf = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
const varianceOf = (v: readonly number[]): number => meanOf(v.map((a) => (a - meanOf(v)) ** 2));

it.each([
  [false, 1],
  [true, 36 / 35],
])(
  "moves the running statistics by a tenth toward the batch's (unbiased: %s)",
  async (unbiased, correction) => {
    const { result, channel } = await pass(true, { ...OPTIONS, unbiasedRunningVariance: unbiased });
    const batch = [channel(0), channel(1)];
    expectClose(
      result.mean as Float32Array,
      [0.5, -2].map((old, c) => 0.9 * old + 0.1 * meanOf(batch[c]!)),
      { relative: 1e-5, name: "mean" },
    );
    expectClose(
      result.variance as Float32Array,
      [4, 0.25].map((old, c) => 0.9 * old + 0.1 * correction * varianceOf(batch[c]!)),
      { relative: 1e-5, name: "variance" },
    );
  },
);

it("gives every channel the mean beta and the deviation gamma while training", async () => {
  const { result } = await pass(true);
  const y = [...(result.y as Float32Array)];
  for (const [c, [beta, gamma]] of [[-1, 2] as const, [1, 0.5] as const].entries()) {
    const values = y.filter((_, i) => Math.floor(i / 9) % 2 === c);
    expect(meanOf(values)).toBeCloseTo(beta, 4);
    expect(Math.sqrt(varianceOf(values))).toBeCloseTo(gamma, 4);
  }
});

it("uses the stored statistics, and leaves them alone, at inference", async () => {
  const { result, data } = await pass(false);
  expect([[...result.mean!], [...result.variance!]]).toEqual([
    [0.5, -2],
    [4, 0.25],
  ]);
  const expected = [...data].map((v, i) =>
    Math.floor(i / 9) % 2 === 0 ? ((v - 0.5) / 2) * 2 - 1 : ((v + 2) / 0.5) * 0.5 + 1,
  );
  expectClose(result.y as Float32Array, expected, { relative: 1e-4, name: "y" });
});
