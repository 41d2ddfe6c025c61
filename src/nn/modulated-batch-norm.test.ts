import { describe, expect, it } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { randomStream } from "../base/random.ts";
import { input, type Tensor } from "../graph/index.ts";
import { evaluate, type Values } from "../graph/testing/evaluate.ts";
import { batchNormalize } from "./batch-norm.ts";
import {
  conditionalBatchNorm,
  type ModulationOptions,
  selfModulatedBatchNorm,
} from "./modulated-batch-norm.ts";
import { type NetworkTrace, traceNetwork } from "./scope.ts";

const OPTIONS: ModulationOptions = {
  epsilon: 1e-5,
  decay: 0.9,
  unbiasedRunningVariance: false,
  spectralNorm: false,
};
const [N, C, SIDE] = [4, 3, 2];
const x = input("x", [N, C, SIDE, SIDE]);
const random = randomStream(1, "modulated batch norm");
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
const pixels = numbers(N * C * SIDE ** 2).map((v) => 3 * v + 1);

const owned = ({ parameters, buffers }: NetworkTrace, given: Record<string, Float32Array> = {}) =>
  [...parameters, ...buffers].map(({ leaf, name, shape, initialize }): [Tensor, Values] => [
    leaf,
    given[name] ?? initialize(shape, random),
  ]);
const shapesOf = ({ parameters }: NetworkTrace) =>
  Object.fromEntries(parameters.map(({ name, shape }) => [name, shape]));

/**
 * x normalized by the statistics of the batch, then scaled and shifted by gamma and beta [N, C],
 * computed the plain way.
 */
async function expected(gamma: ArrayLike<number>, beta: ArrayLike<number>): Promise<number[]> {
  const [one, zero] = [input("one", [C]), input("zero", [C])];
  const { y } = await evaluate(
    { y: batchNormalize(x, one, zero, OPTIONS.epsilon).y },
    new Map<Tensor, Values>([
      [x, pixels],
      [one, new Float32Array(C).fill(1)],
      [zero, new Float32Array(C)],
    ]),
  );
  return [...(y as Float32Array)].map((v, i) => {
    const place = Math.floor(i / SIDE ** 2);
    return v * gamma[place]! + beta[place]!;
  });
}

const affine = (row: readonly number[], kernel: Float32Array, bias: ArrayLike<number>): number[] =>
  Array.from(
    { length: bias.length },
    (_, o) => row.reduce((sum, v, i) => sum + v * kernel[o * row.length + i]!, 0) + bias[o]!,
  );

describe("a self-modulated batch norm", () => {
  const Z = 5;
  const z = input("z", [N, Z]);

  it("has a hidden layer of 32 and begins with gammas around 1", async () => {
    const trace = traceNetwork("net", true);
    const y = selfModulatedBatchNorm(trace.scope, x, z, OPTIONS);
    expect(shapesOf(trace)).toEqual({
      "net/hidden/kernel": [32, Z],
      "net/hidden/bias": [32],
      "net/gamma/kernel": [C, 32],
      "net/gamma/bias": [C],
      "net/beta/kernel": [C, 32],
      "net/beta/bias": [C],
    });
    // z = 0 leaves the biases: gamma 1, beta 0.
    const values = new Map<Tensor, Values>([[x, pixels], [z, new Float32Array(N * Z)], ...owned(trace)]);
    const plain = await expected(new Float32Array(N * C).fill(1), new Float32Array(N * C));
    expectClose((await evaluate({ y }, values)).y as Float32Array, plain, { relative: 1e-5, name: "y" });
  });

  it("scales and shifts every image by what its latent vector says", async () => {
    const trace = traceNetwork("net", true);
    const y = selfModulatedBatchNorm(trace.scope, x, z, OPTIONS);
    const latents = numbers(N * Z);
    const given = Object.fromEntries(
      trace.parameters.map(({ name, shape }) => [name, numbers(shape.reduce((a, b) => a * b, 1))]),
    );
    const rows = Array.from({ length: N }, (_, n) => {
      const row = [...latents.slice(n * Z, (n + 1) * Z)];
      const hidden = affine(row, given["net/hidden/kernel"]!, given["net/hidden/bias"]!).map((v) =>
        Math.max(0, v),
      );
      const linear = (part: string) =>
        affine(hidden, given[`net/${part}/kernel`]!, given[`net/${part}/bias`]!);
      return { gamma: linear("gamma"), beta: linear("beta") };
    });
    const values = new Map<Tensor, Values>([[x, pixels], [z, latents], ...owned(trace, given)]);
    const plain = await expected(
      rows.flatMap(({ gamma }) => gamma),
      rows.flatMap(({ beta }) => beta),
    );
    expectClose((await evaluate({ y }, values)).y as Float32Array, plain, { relative: 1e-5, name: "y" });
  });
});

describe("a conditional batch norm", () => {
  const K = 2;
  const classes = input("classes", [N, K]);
  const labels = [1, 0, 0, 1];
  const oneHot = Float32Array.from(labels.flatMap((label) => [label === 0 ? 1 : 0, label === 1 ? 1 : 0]));

  it("gives each class its gamma and beta", async () => {
    const trace = traceNetwork("net", true);
    const y = conditionalBatchNorm(trace.scope, x, classes, undefined, OPTIONS);
    expect(shapesOf(trace)).toEqual({ "net/gamma/kernel": [C, K], "net/beta/kernel": [C, K] });
    const [gamma, beta] = [numbers(C * K), numbers(C * K)];
    const pick = (kernel: Float32Array) =>
      labels.flatMap((label) => Array.from({ length: C }, (_, c) => kernel[c * K + label]!));
    const given = { "net/gamma/kernel": gamma, "net/beta/kernel": beta };
    const values = new Map<Tensor, Values>([[x, pixels], [classes, oneHot], ...owned(trace, given)]);
    expectClose((await evaluate({ y }, values)).y as Float32Array, await expected(pick(gamma), pick(beta)), {
      relative: 1e-5,
      name: "y",
    });
  });

  it("begins with gammas around 1 and betas at 0, chunks of z without weight on average", () => {
    const trace = traceNetwork("net", true);
    const wide = input("wide", [N, 400, 1, 1]);
    conditionalBatchNorm(trace.scope, wide, classes, input("chunk", [N, 3]), OPTIONS);
    const [gamma, beta] = trace.parameters.map(({ shape, initialize }) => initialize(shape, random));
    const column = (c: number) => [...gamma!].filter((_, i) => i % 5 === c);
    for (const [c, center] of [0, 0, 0, 1, 1].entries()) {
      const mean = column(c).reduce((a, b) => a + b, 0) / 400;
      const deviation = Math.sqrt(column(c).reduce((a, b) => a + (b - mean) ** 2, 0) / 400);
      expect(Math.abs(mean - center)).toBeLessThan(0.005);
      expect(deviation).toBeGreaterThan(0.015);
      expect(deviation).toBeLessThan(0.025);
    }
    expect(beta!.every((v) => v === 0)).toBe(true);
  });

  it("is finite under spectral normalization from the start", async () => {
    const trace = traceNetwork("net", true);
    const y = conditionalBatchNorm(trace.scope, x, classes, undefined, { ...OPTIONS, spectralNorm: true });
    const values = new Map<Tensor, Values>([[x, pixels], [classes, oneHot], ...owned(trace)]);
    expect([...(await evaluate({ y }, values)).y!].every((v) => Number.isFinite(Number(v)))).toBe(true);
  });
});

it("at inference both use the moving averages and leave them", async () => {
  const z = input("z", [N, 5]);
  const trace = traceNetwork("net", false);
  const y = selfModulatedBatchNorm(trace.scope, x, z, OPTIONS);
  const given = { "net/mean": Float32Array.of(1, 2, 3), "net/variance": Float32Array.of(4, 1, 0.25) };
  const values = new Map<Tensor, Values>([[x, pixels], [z, new Float32Array(N * 5)], ...owned(trace, given)]);
  const { y: out } = await evaluate({ y }, values);
  const plain = [...pixels].map((v, i) => {
    const c = Math.floor(i / SIDE ** 2) % C;
    return (v - given["net/mean"][c]!) / Math.sqrt(given["net/variance"][c]! + 1e-5);
  });
  expectClose(out as Float32Array, plain, { relative: 1e-5, name: "y" });
  for (const { leaf, current } of trace.buffers) expect(current).toBe(leaf);
});
