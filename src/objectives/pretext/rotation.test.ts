import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../../../test/support/close.ts";
import { gradients, input, mul, sum, type Tensor } from "../../graph/index.ts";
import { evaluate } from "../../graph/testing/evaluate.ts";
import { quarterTurn } from "./quarter-turn.ts";
import { rotation } from "./rotation.ts";
import { inOrder } from "./transformations.ts";

const TURNS = [0, 1, 2, 3] as const;

async function turn(pixels: Float32Array, shape: readonly number[], turns: 0 | 1 | 2 | 3): Promise<number[]> {
  const x = input("x", shape);
  return [...((await evaluate({ y: quarterTurn(x, turns) }, new Map([[x, pixels]]))).y as Float32Array)];
}

describe("a quarter turn", () => {
  it.each([
    [0, [1, 2, 3, 4]],
    [1, [2, 4, 1, 3]],
    [2, [4, 3, 2, 1]],
    [3, [3, 1, 4, 2]],
  ] as const)(
    "times %d of [[1, 2], [3, 4]] is %j: counterclockwise, as numpy.rot90",
    async (turns, expected) => {
      expect(await turn(Float32Array.of(1, 2, 3, 4), [1, 1, 2, 2], turns)).toEqual(expected);
    },
  );

  it("moves pixels as the formulas say, for every image and channel, and four of them do nothing", async () => {
    const size = fc.tuple(
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(size, fc.constantFrom(...TURNS), async ([n, c, s], turns) => {
        const pixels = Float32Array.from({ length: n * c * s * s }, (_, i) => i);
        const from = {
          0: (i: number, j: number) => [i, j],
          1: (i: number, j: number) => [j, s - 1 - i],
          2: (i: number, j: number) => [s - 1 - i, s - 1 - j],
          3: (i: number, j: number) => [s - 1 - j, i],
        }[turns];
        const expected = [...pixels].map((_, k) => {
          const [i, j] = from(Math.floor(k / s) % s, k % s) as [number, number];
          return Math.floor(k / (s * s)) * s * s + i * s + j;
        });
        const rotated = await turn(pixels, [n, c, s, s], turns);
        expect(rotated).toEqual(expected);
        const back = ((4 - turns) % 4) as 0 | 1 | 2 | 3;
        expect(await turn(Float32Array.from(rotated), [n, c, s, s], back)).toEqual([...pixels]);
      }),
      { numRuns: 15 },
    );
  });

  it("has the turn back as its gradient", async () => {
    const shape = [1, 1, 3, 3];
    const [x, dy] = [input("x", shape), input("dy", shape)];
    const values = Float32Array.from({ length: 9 }, (_, i) => i);
    for (const turns of TURNS) {
      const [gradient] = gradients(sum(mul(quarterTurn(x, turns), dy)), [x]);
      const { g } = await evaluate(
        { g: gradient! },
        new Map<Tensor, Float32Array>([
          [x, values],
          [dy, values],
        ]),
      );
      expect([...g!]).toEqual(await turn(values, shape, ((4 - turns) % 4) as 0 | 1 | 2 | 3));
    }
  });
});

it("turns the last n images, stacked by angle and not by image", async () => {
  const x = input("x", [3, 1, 2, 2]);
  const views = rotation.views({ images: x, classes: undefined }, "real", {
    ...{ batching: "all", count: 8 },
    draw: () => expect.unreachable(),
  });
  const pixels = Float32Array.of(9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8);
  const { y } = await evaluate({ y: views.extra!.images }, new Map([[x, pixels]]));
  expect([views.upright, views.pass]).toEqual([2, "shared"]);
  expect([...y!]).toEqual([
    ...[2, 4, 1, 3, 6, 8, 5, 7],
    ...[4, 3, 2, 1, 8, 7, 6, 5],
    ...[3, 1, 4, 2, 7, 5, 8, 6],
  ]);
});

describe("the rotation loss", () => {
  const lossOf = async (logits: readonly (readonly number[])[]) => {
    const x = input("logits", [logits.length, 4]);
    const seen = { real: { outputs: { rotation: x }, labels: inOrder(logits.length, 4) } };
    const { measures } = rotation.discriminatorLoss(seen, "hinge");
    const { lossReal, accuracyReal } = await evaluate(
      measures,
      new Map([[x, Float32Array.from(logits.flat())]]),
    );
    return { loss: Number(lossReal![0]), accuracy: Number(accuracyReal![0]) };
  };

  it("is ln 4 for a head that knows nothing", async () => {
    const { loss } = await lossOf(Array.from({ length: 8 }, () => [0, 0, 0, 0]));
    expect(loss).toBeCloseTo(Math.log(4), 6);
  });

  it("takes labels by angle: n zeros, n ones, n twos, n threes", async () => {
    const right = (turns: number): number[] => [0, 1, 2, 3].map((k) => (k === turns ? 30 : 0));
    const byAngle = await lossOf([0, 0, 1, 1, 2, 2, 3, 3].map(right));
    expect(byAngle.loss).toBeCloseTo(0, 5);
    expect(byAngle.accuracy).toBe(1);
    const byImage = await lossOf([0, 1, 2, 3, 0, 1, 2, 3].map(right));
    expect(byImage.accuracy).toBe(0.25);
    expect(byImage.loss).toBeCloseTo(22.5, 4);
  });

  it("is the mean cross-entropy, without anything added to the probabilities", async () => {
    const logits = [
      [1, 2, 0, -1],
      [0.5, -3, 2, 1],
      [4, 0, 0, 1],
      [-100, 0, 1, -100],
    ];
    const expected = logits.map((row, i) => Math.log(row.reduce((s, v) => s + Math.exp(v), 0)) - row[i]!);
    const { loss } = await lossOf(logits);
    expectClose([loss], [expected.reduce((a, b) => a + b, 0) / 4], { relative: 1e-6, name: "loss" });
  });
});
