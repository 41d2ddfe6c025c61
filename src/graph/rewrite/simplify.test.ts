/**
 * Algebraic simplification changes no result: random graphs with and without, and what each
 * identity is there for.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as g from "../operations/index.ts";
import { print } from "../print.ts";
import { type Tensor, topologicalOrder } from "../tensor.ts";
import { CPU } from "../testing/evaluate.ts";
import { build, plans } from "../testing/expressions.ts";
import { check, expectSame, sizes } from "../testing/samples.ts";
import { rewriteFully } from "./rewrite.ts";
import { simplify } from "./simplify.ts";

const only = (name: "simplify" | "merge" | "fold") => ({
  ...CPU,
  rewrites: { simplify: false, merge: false, fold: false, [name]: true },
});
const none = { ...CPU, rewrites: { simplify: false, merge: false, fold: false } };

const shapes = fc.record({
  n: sizes(3),
  c: sizes(3),
  side: fc.constantFrom(2, 4, 6),
});

describe("random graphs and their gradients", () => {
  it.each(["simplify", "merge", "fold"] as const)("equal with and without %s", (name) =>
    check(plans(shapes, 7), 60, async (plan) => {
      const { inputs, results } = build(plan);
      expectSame(await inputs.run(results, only(name)), await inputs.run(results, none), 1e-4, 0.1);
    }),
  );

  it("equal with and without all of them", () =>
    check(plans(shapes, 10), 60, async (plan) => {
      const { inputs, results } = build(plan);
      expectSame(await inputs.run(results), await inputs.run(results, none), 1e-4, 0.1);
    }));
});

describe("what is simplified", () => {
  const x = g.input("x", [2, 3, 4, 4]);
  const channel = g.input("channel", [1, 3, 1, 1]);
  /** Names of the operators left, without inputs and constants. */
  const left = (y: Tensor): string[] =>
    topologicalOrder(Object.values(rewriteFully({ y }, simplify)))
      .map((node) => node.primitive.name)
      .filter((name) => name !== "input" && name !== "constant");

  it.each<[string, Tensor, string[]]>([
    ["neutral elements", g.div(g.mul(g.add(g.sub(x, 0), 0), g.full([1, 3, 1, 1], 1)), 1), []],
    ["a negation twice", g.neg(g.neg(x)), []],
    ["a transposition and back", g.transpose(g.transpose(x, [1, 0, 3, 2]), [1, 0, 3, 2]), []],
    ["a reshape and back", g.reshape(g.reshape(x, [6, 16]), [2, 3, 4, 4]), []],
    ["four quarter turns", [1, 2, 3, 4].reduce((y) => g.reverse(g.transpose(y, [0, 1, 3, 2]), [2]), x), []],
    [
      "a reversal before a slice",
      g.slice(g.reverse(x, [3]), [0, 0, 0, 1], [2, 3, 4, 3]),
      ["slice", "reverse"],
    ],
    ["a value added to itself", [g.tanh(x)].map((t) => g.add(t, t))[0]!, ["tanh", "mul"]],
    ["constant factors", g.mul(g.mul(x, 0.5), 4), ["mul"]],
    ["a broadcast before a sum", g.add(x, g.broadcastTo(channel, x.shape)), ["add"]],
    [
      "the sum of deviations from the mean",
      g.sum(g.sub(x, g.mean(x, [0, 2, 3], true)), [0, 2, 3]),
      ["broadcastTo"],
    ],
    ["a factor the same for the whole sum", g.sum(g.mul(x, channel), [0, 2, 3], true), ["sum", "mul"]],
  ])("%s", (_, y, operators) => {
    expect(left(y), print({ y })).toEqual(operators);
  });

  it("a factor after a convolution goes into its kernel", () => {
    const w = g.input("w", [3, 3, 3, 3]);
    const { y } = rewriteFully({ y: g.mul(g.conv2d(x, w, undefined, { padding: 1 }), 0.25) }, simplify);
    expect(y!.primitive.name).toBe("conv2d");
    expect(y!.inputs[1]!.primitive.name).toBe("mul");
  });

  it("a factor after the sum of two convolutions goes into both kernels", () => {
    const w = g.input("w", [3, 3, 3, 3]);
    const [a, b] = [x, g.tanh(x)].map((t) => g.conv2d(t, w, undefined, { padding: 1 }));
    const { y } = rewriteFully({ y: g.mul(g.add(a!, b!), 0.25) }, simplify);
    expect(y!.primitive.name).toBe("add");
    for (const conv of y!.inputs)
      expect([conv.primitive.name, conv.inputs[1]!.primitive.name]).toEqual(["conv2d", "mul"]);
  });

  it("but not when somebody else wants the convolution as it is", () => {
    const w = g.input("w", [3, 3, 3, 3]);
    const conv = g.conv2d(x, w, undefined, { padding: 1 });
    const { y } = rewriteFully({ conv, y: g.mul(conv, 0.25) }, simplify);
    expect(y!.primitive.name).toBe("mul");
  });
});
