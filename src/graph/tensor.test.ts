/**
 * Nodes: refusals that explain themselves, where a node says it was built, and graphs deeper than
 * the call stack.
 */
import { describe, expect, it } from "vitest";
import { gradients } from "./autodiff.ts";
import { compile, STANDARD_TARGET } from "./compile.ts";
import { toOnnx } from "./onnx/program.ts";
import * as g from "./operations/index.ts";
import { originOf, ShapeError, type Tensor, topologicalOrder, withOriginOf } from "./tensor.ts";

describe("a ShapeError names the operation, its arguments and the source line", () => {
  const image = g.input("image", [2, 3, 8, 8]);
  /** The line of the caller. */
  const line = (): number => Number(/tensor\.test\.ts:(\d+)/.exec(new Error().stack!.split("\n")[2]!)?.[1]);

  it("of a convolution", () => {
    const kernel = g.input("kernel", [4, 5, 3, 3]);
    const place = line() + 3;
    let error: unknown;
    try {
      g.conv2d(image, kernel, undefined, { padding: 1 });
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(ShapeError);
    const { message } = error as ShapeError;
    expect(message).toContain("conv2d(float32 [2, 3, 8, 8], float32 [4, 5, 3, 3]; ");
    expect(message).toContain("padding=[[1,1],[1,1]]");
    expect(message).toContain("the image has 3 channels, the kernel expects 5");
    expect(message).toContain(`graph/tensor.test.ts:${place}`);
  });

  const x = g.input("x", [2, 3]);
  const labels = g.input("labels", [2], "int64");
  const geometry = g.convGeometry({ stride: 2 });
  it.each<[string, () => Tensor, string]>([
    ["add", () => g.add(x, g.input("y", [2])), "[2, 3] and [2] do not broadcast"],
    ["mul", () => g.mul(x, labels), "element types differ: float32 and int64"],
    ["exp", () => g.exp(labels), "needs float32"],
    ["where", () => g.where(x, x, x), "the condition must be bool"],
    ["matmul", () => g.matmul(x, x), "inner sizes differ: [2, 3] · [2, 3]"],
    ["reshape", () => g.reshape(x, [4]), "6 elements cannot take the shape [4]"],
    ["reshape", () => g.reshape(x, [4, -1]), "6 elements cannot take the shape [4, 1.5]"],
    ["transpose", () => g.transpose(x, [0, 0]), "not a permutation"],
    ["transpose", () => g.transpose(x, [-1, 0]), "not a permutation"],
    ["broadcastTo", () => g.broadcastTo(x, [2, 4]), "does not broadcast to [2, 4]"],
    ["slice", () => g.slice(x, [0, 2], [2, 4]), "axis 1: 2:4:1 does not fit size 3"],
    ["slice", () => g.slice(x, [0], [2]), "one number an axis"],
    ["pad", () => g.pad(x, [0, -1], [0, 0]), "negative padding"],
    ["reverse", () => g.reverse(x, [2]), "no such axes"],
    ["concat", () => g.concat([x, g.input("y", [3, 3])], 1), "sizes differ on another axis"],
    ["concat", () => g.concat([x, x], -1), "no such axis"],
    ["sum", () => g.sum(x, [2]), "no such axes"],
    ["argmax", () => g.argmax(x, 2), "no such axis"],
    ["gather", () => g.gather(x, x), "indices must be an int64 vector"],
    ["scatterAdd", () => g.scatterAdd(g.input("y", [3, 3]), labels, 4), "one index a row"],
    ["sumPool", () => g.sumPool(g.input("y", [1, 1, 5, 4]), 2), "divisible by 2"],
    ["upsampleNearest", () => g.upsampleNearest(x, 2), "needs [N, C, H, W]"],
    ["upsampleBilinearAdjoint", () => g.upsampleBilinearAdjoint(g.input("y", [1, 1, 3, 4])), "even H and W"],
    ["conv2d", () => g.conv2d(image, x), "two tensors of rank 4"],
    [
      "conv2d",
      () => g.conv2d(image, g.input("k", [4, 3, 9, 9])),
      "the kernel is larger than the padded image",
    ],
    ["conv2d", () => g.conv2d(image, g.input("k", [4, 3, 3, 3]), g.input("b", [3])), "the bias must be [4]"],
    [
      "convInput",
      () => g.convInput(g.input("d", [2, 4, 3, 3]), g.input("k", [4, 3, 3, 3]), geometry, [9, 9]),
      "an input of 9,9 gives an output of 4,4",
    ],
    [
      "convWeight",
      () => g.convWeight(image, g.input("d", [1, 4, 3, 3]), geometry, [3, 3]),
      "batch sizes differ",
    ],
    ["constant", () => g.constant([1, 2, 3], [2]), "3 values do not fill the shape"],
  ])("%s refuses what does not fit", (name, build, reason) => {
    expect(build).toThrow(ShapeError);
    expect(build).toThrow(reason);
    expect(build).toThrow(`${name}(`);
    expect(build).toThrow("graph/tensor.test.ts:");
  });

  it("gradients belong to the line of what they are gradients of", () => {
    const t = g.input("t", [4, 4]);
    const place = line() + 1;
    const y = g.matmul(g.tanh(t), t);
    const [dt] = gradients(g.sum(y), [t]);
    const tanhGradient = topologicalOrder([dt!]).find((node) => node.primitive.name === "sub");
    expect(originOf(tanhGradient!)).toBe(`graph/tensor.test.ts:${place}`);
  });
});

describe("long chains", () => {
  const LENGTH = 50_000;
  const chain = (x: Tensor): Tensor => {
    let y = x;
    for (let i = 0; i < LENGTH; i++) y = i % 2 ? g.neg(y) : g.tanh(y);
    return y;
  };

  it("are ordered, differentiated and compiled without recursion", () => {
    const x = g.input("x", []);
    // One origin for all: tracing each node's own is what takes time.
    const y = withOriginOf(x, () => chain(x));
    const order = topologicalOrder([y]);
    expect(order.length).toBe(LENGTH + 1);
    expect(order[0]).toBe(x);
    expect(order.at(-1)).toBe(y);
    const [dx] = gradients(y, [x]);
    expect(topologicalOrder([dx!]).length).toBeGreaterThan(2 * LENGTH);
    const program = compile({ name: "chain", feeds: { x }, results: { y } }, STANDARD_TARGET);
    expect(toOnnx(program).model.length).toBeGreaterThan(LENGTH);
  });

  it("every node comes after its inputs, and once", () => {
    const x = g.input("x", [2]);
    let y: Tensor = x;
    // A ladder has 2^100 paths.
    for (let i = 0; i < 100; i++) y = g.add(g.tanh(y), g.neg(y));
    const order = topologicalOrder([y, x]);
    expect(new Set(order).size).toBe(order.length);
    for (const [i, node] of order.entries())
      for (const source of node.inputs) expect(order.indexOf(source)).toBeLessThan(i);
  });
});
