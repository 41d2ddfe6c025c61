/** Exact neighbors and percentiles, against plain search. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { randomStream } from "../base/random.ts";
import { matrix, PLAIN_PRODUCTS } from "./linalg/matrix.ts";
import { featureVectors, nearerOf, nearestIn, percentileOf } from "./nearest.ts";

const D = 5;
const vectors = (count: number, seed: number): Float32Array => {
  const stream = randomStream(seed, "vectors");
  return Float32Array.from({ length: count * D }, () => stream.normal());
};
const asMatrix = (values: Float32Array) => matrix(values.length / D, D, Float64Array.from(values));
const apart = (a: Float32Array, i: number, b: Float32Array, j: number): number =>
  Math.hypot(...Array.from({ length: D }, (_, k) => a[i * D + k]! - b[j * D + k]!));

it("finds what a plain search finds, over more vectors than are compared at a time", async () => {
  const [queries, many] = [vectors(7, 1), vectors(1300, 2)];
  const shares: number[] = [];
  const onProgress = (share: number): void => void shares.push(share);
  const found = await nearestIn(asMatrix(queries), featureVectors(many, D), PLAIN_PRODUCTS, { onProgress });
  for (let i = 0; i < 7; i++) {
    const distances = Array.from({ length: 1300 }, (_, j) => apart(queries, i, many, j));
    expect(found.index[i]).toBe(distances.indexOf(Math.min(...distances)));
    expect(found.distance[i]).toBeCloseTo(Math.min(...distances), 6);
  }
  expect(shares.at(-1)).toBe(1);
  expect(shares).toHaveLength(3);
});

it("does not find a vector itself where it is excluded; a twin is at distance 0", async () => {
  const many = vectors(600, 3);
  many.copyWithin(550 * D, 10 * D, 11 * D);
  const source = featureVectors(many, D);
  const own = { excluded: (i: number) => i };
  const { index, distance } = await nearestIn(asMatrix(many), source, PLAIN_PRODUCTS, own);
  expect([index[10], index[550], distance[10]]).toEqual([550, 10, 0]);
  expect(index.every((found, i) => found !== i)).toBe(true);
  const alone = await nearestIn(
    asMatrix(vectors(1, 4)),
    featureVectors(vectors(1, 4), D),
    PLAIN_PRODUCTS,
    own,
  );
  expect([...alone.index]).toEqual([-1]);
});

it("ends with the signal's reason", async () => {
  const reason = new Error("enough");
  const search = nearestIn(asMatrix(vectors(1, 1)), featureVectors(vectors(9, 2), D), PLAIN_PRODUCTS, {
    signal: AbortSignal.abort(reason),
  });
  await expect(search).rejects.toBe(reason);
});

it("the nearer of two", () => {
  const a = { index: Int32Array.of(1, 2), distance: Float64Array.of(3, 1) };
  const b = { index: Int32Array.of(8, 9), distance: Float64Array.of(2, 1) };
  expect(nearerOf(a, b)).toEqual({ index: Int32Array.of(8, 2), distance: Float64Array.of(2, 1) });
});

it("a percentile is the share of smaller values, with half of the equal ones", () => {
  const known = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 });
  fc.assert(
    fc.property(known, fc.integer({ min: -1, max: 10 }), (values, value) => {
      const smaller = values.filter((each) => each < value).length;
      const equal = values.filter((each) => each === value).length;
      const sorted = Float64Array.from(values).sort();
      expect(percentileOf(value, sorted)).toBeCloseTo((smaller + equal / 2) / values.length, 12);
    }),
  );
});
