import { describe, expect, it } from "vitest";
import { randomStream } from "../base/random.ts";
import { conv2d, input, sizeOf, type Tensor } from "../graph/index.ts";
import { evaluate } from "../graph/testing/evaluate.ts";
import { batchNorm } from "./batch-norm.ts";
import { normal } from "./initializers.ts";
import { normalizedConvolution } from "./normalized-convolution.ts";
import { type NetworkTrace, traceNetwork } from "./scope.ts";

const NORM = { epsilon: 1e-3, decay: 0.9, unbiasedRunningVariance: true };
const options = { channels: 5, stride: 2, padding: "same", initialize: normal(1), norm: NORM } as const;

/** Positive numbers for everything a network owns, the same for the same name. */
const values = (trace: NetworkTrace): [Tensor, Float32Array][] =>
  [...trace.parameters, ...trace.buffers].map(({ name, shape, leaf }) => {
    const random = randomStream(1, name);
    return [leaf, Float32Array.from({ length: sizeOf(shape) }, () => 0.5 + random.uniform())];
  });

describe.each([3, [1, 7], [7, 1]] as const)("a kernel of %j", (size) => {
  it("folded in inference gives what convolution and normalization give one after the other", async () => {
    const x = input("x", [2, 3, 9, 8]);
    const data = Float32Array.from({ length: 2 * 3 * 9 * 8 }, (_, i) => Math.sin(i));
    const folded = traceNetwork("net", false);
    const y = normalizedConvolution(folded.scope, x, { ...options, size });

    const apart = traceNetwork("net", false);
    const [kh, kw] = typeof size === "number" ? [size, size] : size;
    const kernel = apart.scope.parameter("kernel", [5, 3, kh, kw], normal(1));
    const padding = [
      [(kh - 1) / 2, (kh - 1) / 2],
      [(kw - 1) / 2, (kw - 1) / 2],
    ] as const;
    const convolved = conv2d(x, kernel, undefined, { stride: 2, padding });
    const z = batchNorm(apart.scope.child("norm"), convolved, NORM);

    const names = (trace: NetworkTrace) => [...trace.parameters, ...trace.buffers].map((owned) => owned.name);
    expect(names(folded)).toEqual(names(apart));
    const { y: actual } = await evaluate({ y }, new Map([[x, data], ...values(folded)]));
    const { z: expected } = await evaluate({ z }, new Map([[x, data], ...values(apart)]));
    expect(y.shape).toEqual([2, 5, 5, 4]);
    for (const [i, value] of [...expected!].entries())
      expect(Number(actual![i])).toBeCloseTo(Number(value), 4);
  });

  it("owns the same in training as in inference, in the same order", () => {
    const names = [true, false].map((training) => {
      const trace = traceNetwork("net", training);
      normalizedConvolution(trace.scope, input("x", [2, 3, 9, 8]), { ...options, size });
      return [trace.parameters, trace.buffers].map((owned) => owned.map(({ name }) => name));
    });
    expect(names[0]).toEqual(names[1]);
    expect(names[0]).toEqual([
      ["net/kernel", "net/norm/gamma", "net/norm/beta"],
      ["net/norm/mean", "net/norm/variance"],
    ]);
  });
});
