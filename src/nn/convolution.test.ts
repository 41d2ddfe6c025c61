import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { input, mul, sizeOf, sum, type Tensor } from "../graph/index.ts";
import { evaluate, type Values } from "../graph/testing/evaluate.ts";
import { check, Inputs, seeds, sizes } from "../graph/testing/samples.ts";
import { convolution, samePadding, transposedConvolution, type Window } from "./convolution.ts";
import { ones, zeros } from "./initializers.ts";
import { traceNetwork } from "./scope.ts";
import type { WeightOptions } from "./weights.ts";

const WEIGHTS: WeightOptions = { kernel: ones, bias: () => zeros, spectralNorm: false };
const windows = fc.record({ size: sizes(6), stride: sizes(3) });

describe("TensorFlow's SAME padding", () => {
  it.each([
    [32, 3, 1, 1, 1],
    [32, 4, 2, 1, 1],
    [32, 5, 2, 1, 2],
    [6, 5, 2, 1, 2],
    [3, 5, 2, 2, 2],
    [32, 1, 1, 0, 0],
    [32, 3, 2, 0, 1],
    [1, 3, 1, 1, 1],
    [7, 1, 3, 0, 0],
  ])("of %d pixels, kernel %d, stride %d: %d before, %d behind", (length, size, stride, before, behind) => {
    expect(samePadding(length, { size, stride })).toEqual([before, behind]);
  });
});

it("makes ⌈size / stride⌉ of a size, forward, and size · stride backward", () => {
  fc.assert(
    fc.property(windows, sizes(9), sizes(9), (window, height, width) => {
      const { scope } = traceNetwork("net", true);
      const x = input("x", [2, 3, height, width]);
      const { stride } = window;
      expect(convolution(scope.child("a"), x, 5, window, WEIGHTS).shape).toEqual([
        2,
        5,
        Math.ceil(height / stride),
        Math.ceil(width / stride),
      ]);
      expect(transposedConvolution(scope.child("b"), x, 5, window, WEIGHTS).shape).toEqual([
        2,
        5,
        stride * height,
        stride * width,
      ]);
    }),
  );
});

it("the transposed layer is the adjoint of the forward one with the same kernel", () =>
  check(fc.tuple(windows, sizes(4), seeds), 25, async ([window, side, seed]) => {
    const inputs = new Inputs(seed);
    const d = inputs.tensor([2, 3, side, side]);
    const x = inputs.tensor([2, 4, side * window.stride, side * window.stride]);
    const trace = traceNetwork("net", true);
    // The forward layer's kernel [out 3, in 4] is the transposed layer's [in 3, out 4].
    const y = convolution(trace.scope.child("shared"), x, 3, window, WEIGHTS);
    const kernel = trace.parameters[0]!;
    const bias = traceNetwork("biases", true);
    const scope = { ...bias.scope, parameter: sharing(kernel.leaf, bias.scope.parameter) };
    const back = transposedConvolution(scope, d, 4, window, WEIGHTS);

    const values = new Map<Tensor, Values>(
      [...trace.parameters, ...bias.parameters].map(({ leaf, name, shape }) => [
        leaf,
        name.endsWith("bias")
          ? new Float32Array(sizeOf(shape))
          : Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1.7 * i + seed)),
      ]),
    );
    const products = { forward: sum(mul(y, d)), back: sum(mul(x, back)) };
    const { forward, back: backward } = await evaluate(products, new Map([...inputs.values, ...values]));
    expectClose(backward as Float32Array, forward as Float32Array, {
      relative: 1e-4,
      absolute: 1e-3,
      name: "⟨x, back(d)⟩",
    });
  }));

/** A scope's `parameter` that gives `kernel` for the kernel. */
const sharing =
  (kernel: Tensor, other: ReturnType<typeof traceNetwork>["scope"]["parameter"]): typeof other =>
  (name, shape, initialize) => {
    if (name !== "kernel") return other(name, shape, initialize);
    expect(shape).toEqual(kernel.shape);
    return kernel;
  };

it("adds the bias of each channel, forward and backward", async () => {
  const window: Window = { size: 4, stride: 2 };
  for (const layer of [convolution, transposedConvolution]) {
    const trace = traceNetwork("net", true);
    const x = input("x", [1, 2, 4, 4]);
    const y = layer(trace.scope, x, 3, window, WEIGHTS);
    const [kernel, bias] = trace.parameters;
    const values = new Map<Tensor, Values>([
      [x, new Float32Array(32)],
      [kernel!.leaf, new Float32Array(sizeOf(kernel!.shape)).fill(1)],
      [bias!.leaf, Float32Array.of(1, 2, 3)],
    ]);
    const { y: out } = await evaluate({ y }, values);
    const pixels = sizeOf(y.shape) / 3;
    expect([...out!]).toEqual([1, 2, 3].flatMap((b) => Array<number>(pixels).fill(b)));
  }
});
