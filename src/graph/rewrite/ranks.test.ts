/**
 * The rewrites on graphs of any rank: operands of lower rank, square shapes in which axes could be
 * mistaken for one another, and means put beside values that they are not the means of.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as g from "../operations/index.ts";
import { ShapeError, type Tensor, topologicalOrder } from "../tensor.ts";
import { CPU } from "../testing/evaluate.ts";
import { check, expectSame, Inputs, seeds, sizes } from "../testing/samples.ts";
import { rewriteFully } from "./rewrite.ts";
import { simplify } from "./simplify.ts";

const none = { ...CPU, rewrites: { simplify: false, merge: false, fold: false } };

describe("a sum of deviations from a mean", () => {
  const left = (y: Tensor): string[] =>
    topologicalOrder(Object.values(rewriteFully({ y }, simplify))).map((node) => node.primitive.name);
  const x = g.input("x", [3, 3]);

  it.each<[string, Tensor]>([
    ["of columns, of lower rank", g.sum(g.sub(x, g.mean(x, [0])), [0])],
    ["of rows, their axis kept", g.sum(g.sub(x, g.mean(x, [1], true)), [1])],
    ["of everything", g.sum(g.sub(x, g.mean(x)))],
  ])("is zero: %s", (_, y) => expect(left(y)).not.toContain("input"));

  it.each<[string, Tensor]>([
    ["the means of rows lie along a row", g.sum(g.sub(x, g.mean(x, [1])), [1])],
    ["the means of columns lie along a column", g.sum(g.sub(x, g.reshape(g.mean(x, [0]), [3, 1])), [0])],
    ["summed along another axis", g.sum(g.sub(x, g.mean(x, [1], true)), [0])],
  ])("is kept when %s", (_, y) => expect(left(y)).toContain("input"));
});

type Move = (a: Tensor, b: Tensor, axes: readonly number[]) => Tensor;
const turned = (x: Tensor): readonly number[] => x.shape.map((_, axis) => x.shape.length - 1 - axis);
const MOVES: Readonly<Record<string, Move>> = {
  add: (a, b) => g.mul(g.add(a, b), 0.5),
  sub: (a, b) => g.sub(a, b),
  mul: (a, b) => g.mul(a, b),
  chain: (a, b) => g.mul(g.mul(a, b), b),
  maximum: (a, b) => g.maximum(a, b),
  where: (a, b) => g.where(g.greater(a, b), a, b),
  neutral: (a, b) => g.add(g.mul(a, g.full(b.shape, 1)), g.full(a.shape, 0)),
  sum: (a, _, axes) => g.mul(g.sum(a, axes), 0.5),
  kept: (a, b, axes) => g.add(g.mean(a, axes, true), b),
  deviations: (a, _, axes) => g.sum(g.sub(a, g.mean(a, axes)), axes),
  transpose: (a) => g.transpose(a, turned(a)),
  slice: (a) =>
    g.slice(
      g.reverse(g.transpose(a, turned(a)), [0]),
      a.shape.map(() => 0),
      a.shape.toReversed().map((n) => Math.ceil(n / 2)),
    ),
  pad: (a, _, axes) =>
    g.sum(
      g.pad(
        a,
        a.shape.map(() => 1),
        a.shape.map(() => 0),
      ),
      axes,
      true,
    ),
  broadcast: (a, b) => g.broadcastTo(g.neg(b), a.shape),
};

describe("random graphs", () => {
  const plans = fc.record({
    base: fc.array(sizes(3), { minLength: 1, maxLength: 4 }),
    ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    cut: fc.nat(3),
    moves: fc.array(
      fc.tuple(
        fc.constantFrom(...Object.keys(MOVES)),
        fc.nat(3),
        fc.nat(3),
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      ),
      {
        minLength: 2,
        maxLength: 8,
      },
    ),
    seed: seeds,
  });

  it("equal with and without the rewrites", () =>
    check(plans, 60, async ({ base, ones, cut, moves, seed }) => {
      const inputs = new Inputs(seed);
      const small = base.map((n, i) => (ones[i] ? 1 : n)).slice(cut);
      const pool = [inputs.tensor(base), inputs.tensor(base), inputs.tensor(small)];
      for (const [name, i, j, chosen] of moves) {
        const [a, b] = [i, j].map((back) => pool.at(-1 - (back % pool.length))!) as [Tensor, Tensor];
        const axes = a.shape.flatMap((_, axis) => (chosen[axis] ? [axis] : []));
        try {
          if (a.shape.length > 0) pool.push(MOVES[name]!(a, b, axes));
        } catch (error) {
          // Shapes that do not go together are no graph.
          if (!(error instanceof ShapeError)) throw error;
        }
      }
      const results = Object.fromEntries(pool.slice(-3).map((t, i) => [`y${i}`, t]));
      expectSame(await inputs.run(results), await inputs.run(results, none), 1e-4, 0.1);
    }));
});
