import fc from "fast-check";
import { expect, it } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { randomStream } from "../base/random.ts";
import { input, type Tensor } from "../graph/index.ts";
import { evaluate, type Values } from "../graph/testing/evaluate.ts";
import { check, seeds, sizes } from "../graph/testing/samples.ts";
import { layerNorm } from "./layer-norm.ts";
import { traceNetwork } from "./scope.ts";

async function normalize(shape: readonly number[], data: Float32Array, gamma: number[], beta: number[]) {
  const trace = traceNetwork("net", true);
  const x = input("x", shape);
  const y = layerNorm(trace.scope, x);
  const [g, b] = trace.parameters;
  expect([g!.name, b!.name, trace.buffers.length]).toEqual(["net/gamma", "net/beta", 0]);
  const values = new Map<Tensor, Values>([
    [x, data],
    [g!.leaf, Float32Array.from(gamma)],
    [b!.leaf, Float32Array.from(beta)],
  ]);
  return [...((await evaluate({ y }, values)).y as Float32Array)];
}

it("standardizes every image over channels and space, then scales and shifts channel by channel", () =>
  check(fc.tuple(sizes(3), sizes(4), sizes(5, 2), seeds), 15, async ([n, c, side, seed]) => {
    const random = randomStream(seed, "layer norm");
    const data = Float32Array.from({ length: n * c * side * side }, () => 2 + 3 * random.normal());
    const gamma = Array.from({ length: c }, () => random.normal());
    const beta = Array.from({ length: c }, () => random.normal());
    const perImage = c * side * side;
    const expected = [...data].map((v, i) => {
      const start = Math.floor(i / perImage) * perImage;
      const image = [...data.slice(start, start + perImage)];
      const mean = image.reduce((a, b) => a + b, 0) / perImage;
      const variance = image.reduce((a, b) => a + (b - mean) ** 2, 0) / perImage;
      const channel = Math.floor((i % perImage) / side ** 2);
      return ((v - mean) / Math.sqrt(variance)) * gamma[channel]! + beta[channel]!;
    });
    expectClose(await normalize([n, c, side, side], data, gamma, beta), expected, {
      relative: 1e-5,
      name: "y",
    });
  }));

it("makes an image of one color its betas", async () => {
  expect(await normalize([1, 2, 2, 2], new Float32Array(8).fill(0.5), [3, 3], [1, 2])).toEqual([
    1, 1, 1, 1, 2, 2, 2, 2,
  ]);
});
