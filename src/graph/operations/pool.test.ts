import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShapeError } from "../tensor.ts";
import { CPU, evaluate } from "../testing/evaluate.ts";
import { averagePool, input, maxPool, type PoolOptions } from "./index.ts";

type Reduce = (inside: readonly number[], window: number) => number;

/** Windows taken one by one. */
function pooled(
  x: Float32Array,
  [n, c, h, w]: number[],
  options: Required<PoolOptions>,
  reduce: Reduce,
): number[] {
  const { window, stride, padding } = options;
  const length = (size: number): number => Math.floor((size + 2 * padding - window) / stride) + 1;
  const result: number[] = [];
  for (let map = 0; map < n! * c!; map++)
    for (let i = 0; i < length(h!); i++)
      for (let j = 0; j < length(w!); j++) {
        const inside: number[] = [];
        for (let y = i * stride - padding; y < i * stride - padding + window; y++)
          for (let x0 = j * stride - padding; x0 < j * stride - padding + window; x0++)
            if (y >= 0 && y < h! && x0 >= 0 && x0 < w!) inside.push(x[(map * h! + y) * w! + x0]!);
        result.push(reduce(inside, window));
      }
  return result;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const geometry = fc
  .record({
    n: fc.integer({ min: 1, max: 2 }),
    c: fc.integer({ min: 1, max: 3 }),
    window: fc.integer({ min: 1, max: 4 }),
  })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      h: fc.integer({ min: shape.window, max: 9 }),
      w: fc.integer({ min: shape.window, max: 9 }),
      stride: fc.integer({ min: 1, max: 3 }),
      padding: fc.integer({ min: 0, max: Math.floor(shape.window / 2) }),
    }),
  );

describe.each([
  ["maxPool", maxPool, (inside: readonly number[]) => Math.max(...inside)],
  [
    "averagePool over the image",
    (x: ReturnType<typeof input>, o: PoolOptions) => averagePool(x, { ...o, countPadding: false }),
    (inside: readonly number[]) => sum(inside) / inside.length,
  ],
  [
    "averagePool with the border",
    (x: ReturnType<typeof input>, o: PoolOptions) => averagePool(x, { ...o, countPadding: true }),
    (inside: readonly number[], window: number) => sum(inside) / window ** 2,
  ],
] as const)("%s", (_, pool, reduce) => {
  it("does what its definition says, for any window", async () => {
    await fc.assert(
      fc.asyncProperty(geometry, async ({ shape: { n, c, window }, h, w, stride, padding }) => {
        const shape = [n, c, h, w];
        const x = input("x", shape);
        const data = Float32Array.from({ length: n * c * h * w }, (_v, i) => Math.sin(i * 1.7) * 3 - 1);
        const y = pool(x, { window, stride, padding });
        const { y: actual } = await evaluate({ y }, new Map([[x, data]]), CPU);
        const expected = pooled(data, shape, { window, stride, padding }, reduce);
        expect(actual!.length).toBe(expected.length);
        expected.forEach((value, i) => {
          expect(Number(actual![i])).toBeCloseTo(value, 5);
        });
      }),
      { numRuns: 25 },
    );
  });

  it("refuses what has no answer", () => {
    const x = input("x", [1, 1, 4, 4]);
    expect(() => pool(x, { window: 5, stride: 1 })).toThrow(ShapeError);
    expect(() => pool(x, { window: 3, stride: 1, padding: 2 })).toThrow(/border/);
    expect(() => pool(input("v", [4]), { window: 1, stride: 1 })).toThrow(/\[N, C, H, W\]/);
  });
});
