import fc from "fast-check";
import { expect, it } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { input } from "../graph/index.ts";
import { evaluate } from "../graph/testing/evaluate.ts";
import { averagePool, bilinear, nearestNeighbor, type Upsample, zeroInsertion } from "./resample.ts";

/** Apply to one map of one image. */
async function apply(layer: Upsample, rows: readonly (readonly number[])[]): Promise<number[][]> {
  const [h, w] = [rows.length, rows[0]!.length];
  const x = input("x", [1, 1, h, w]);
  const y = layer(x);
  const values = [
    ...((await evaluate({ y }, new Map([[x, Float32Array.from(rows.flat())]]))).y as Float32Array),
  ];
  const wide = y.shape[3]!;
  return Array.from({ length: y.shape[2]! }, (_, i) => values.slice(i * wide, (i + 1) * wide));
}
const SQUARE = [
  [1, 2],
  [3, 4],
];

it("zero insertion keeps values at even places and does not scale them", async () => {
  expect(await apply(zeroInsertion, SQUARE)).toEqual([
    [1, 0, 2, 0],
    [0, 0, 0, 0],
    [3, 0, 4, 0],
    [0, 0, 0, 0],
  ]);
});

it("nearest neighbor repeats every value four times", async () => {
  expect(await apply(nearestNeighbor, SQUARE)).toEqual([
    [1, 1, 2, 2],
    [1, 1, 2, 2],
    [3, 3, 4, 4],
    [3, 3, 4, 4],
  ]);
});

it("bilinear has half-pixel centers and repeated edges", async () => {
  // As torch.nn.functional.interpolate(scale_factor=2, mode="bilinear", align_corners=False).
  expect(await apply(bilinear, SQUARE)).toEqual([
    [1, 1.25, 1.75, 2],
    [1.5, 1.75, 2.25, 2.5],
    [2.5, 2.75, 3.25, 3.5],
    [3, 3.25, 3.75, 4],
  ]);
  expect(await apply(bilinear, [[0, 4, 0]])).toEqual([
    [0, 1, 3, 3, 1, 0],
    [0, 1, 3, 3, 1, 0],
  ]);
});

it("average pooling takes the mean of 2 × 2 patches", async () => {
  expect(
    await apply(averagePool, [
      [1, 3, 10, 20],
      [5, 7, 30, 40],
    ]),
  ).toEqual([[4, 25]]);
});

const image = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 6 }),
  )
  .map(([n, c, h, w]) => ({
    shape: [n, c, h, w],
    data: Float32Array.from({ length: n * c * h * w }, (_, i) => Math.sin(i * i)),
  }));

it.each([
  ["zero insertion", zeroInsertion, 0.25],
  ["nearest neighbor", nearestNeighbor, 1],
  ["bilinear", bilinear, 1],
] as const)(
  "%s doubles any map; pooled again it keeps the mean of each, up to a factor",
  async (_, layer, factor) => {
    await fc.assert(
      fc.asyncProperty(image, async ({ shape, data }) => {
        const x = input("x", shape);
        const large = layer(x);
        const [n, c, h, w] = shape as [number, number, number, number];
        expect(large.shape).toEqual([n, c, 2 * h, 2 * w]);
        const { y } = await evaluate({ y: averagePool(large) }, new Map([[x, data]]));
        const means = (values: ArrayLike<number>): number[] =>
          Array.from({ length: n * c }, (_, m) => {
            let total = 0;
            for (let i = 0; i < h * w; i++) total += values[m * h * w + i]!;
            return total / (h * w);
          });
        expectClose(
          means(y as Float32Array),
          means(data).map((mean) => mean * factor),
          { relative: 1e-5, absolute: 1e-6, name: "means" },
        );
      }),
      { numRuns: 8 },
    );
  },
);
