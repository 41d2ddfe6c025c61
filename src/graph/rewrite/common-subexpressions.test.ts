/** What is merged and what must not be. */
import { describe, expect, it } from "vitest";
import * as g from "../operations/index.ts";
import { type Tensor, topologicalOrder } from "../tensor.ts";
import { mergeCommonSubexpressions } from "./common-subexpressions.ts";

const x = g.input("x", [4, 4]);
const merged = (a: Tensor, b: Tensor): boolean => {
  const result = mergeCommonSubexpressions({ a, b });
  return result.a === result.b;
};

describe("merges", () => {
  it("the same operation on the same inputs, however deep", () => {
    const make = (): Tensor => g.tanh(g.matmul(g.mul(x, 2), g.transpose(x, [1, 0]), true));
    const result = mergeCommonSubexpressions({ a: make(), b: make() });
    expect(result.a).toBe(result.b);
    expect(topologicalOrder([result.a!, result.b!]).map((n) => n.primitive.name)).toEqual(
      topologicalOrder([make()]).map((n) => n.primitive.name),
    );
  });

  it("equal constants, and a large constant used twice", () => {
    expect(merged(g.constant([1, 2, 3]), g.constant([1, 2, 3]))).toBe(true);
    const large = g.constant(new Float32Array(1000));
    expect(merged(g.neg(large), g.neg(large))).toBe(true);
  });
});

describe("keeps apart", () => {
  it.each<[string, Tensor, Tensor]>([
    ["inputs of the same name and shape", g.input("x", [2]), g.input("x", [2])],
    ["other attributes", g.sum(x, [0]), g.sum(x, [1])],
    ["the order of operands", g.sub(x, g.tanh(x)), g.sub(g.tanh(x), x)],
    ["constants of other shape", g.constant([1, 1], [2]), g.constant([1, 1], [2, 1])],
    ["constants of other type", g.constant([1, 2]), g.integers([1, 2])],
    ["0 and −0, whose reciprocals differ", g.constant(0), g.constant(-0)],
    ["casts to other types", g.cast(x, "uint8"), g.cast(x, "int64")],
  ])("%s", (_, a, b) => expect(merged(a, b)).toBe(false));
});
