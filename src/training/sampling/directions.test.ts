import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import { coarse, responseSum } from "./directions.ts";
import { drawLatents } from "./samples.ts";

const SIZE = 6;
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
const row = (vectors: Float32Array, k: number): Float32Array => vectors.slice(k * SIZE, (k + 1) * SIZE);

/**
 * Features that change along two known directions, by 3 and by 1, and in a way that is even in the
 * latents.
 */
const along = [
  [0.6, 0.8, 0, 0, 0, 0],
  [0, 0, 0, 1, 0, 0],
];
const features = (z: Float32Array, offset = 0): number[] => [
  3 * dot(z, along[0]!) + offset,
  dot(z, along[1]!) - offset,
  z[5]! ** 2,
  7,
];

function gather(count: number, classes = 1) {
  const sum = responseSum(SIZE, 4);
  const z = drawLatents(randomStream(3, "test"), count, SIZE, "normal");
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  const x = labels.flatMap((label, i) => features(row(z, i), 50 * label));
  const half = Math.floor(count / 2);
  sum.add(z.slice(0, half * SIZE), Float32Array.from(x.slice(0, half * 4)), labels.slice(0, half));
  sum.add(z.slice(half * SIZE), Float32Array.from(x.slice(half * 4)), labels.slice(half));
  return sum;
}

describe("principal directions", () => {
  it("are those that change the images, the strongest first", () => {
    const sum = gather(4000);
    const { vectors, shares } = sum.directions(3);
    expect(sum.count).toBe(4000);
    expect(dot(row(vectors, 0), along[0]!)).toBeGreaterThan(0.995);
    expect(dot(row(vectors, 1), along[1]!)).toBeGreaterThan(0.97);
    expect(shares[0]).toBeGreaterThan(0.85);
    expect(shares[1]).toBeLessThan(0.15);
    expect(shares[2]).toBeLessThan(0.02);
  });

  it("do not take the difference between classes for a response", () => {
    const { vectors } = gather(4000, 2).directions(2);
    expect(dot(row(vectors, 0), along[0]!)).toBeGreaterThan(0.995);
    expect(dot(row(vectors, 1), along[1]!)).toBeGreaterThan(0.95);
  });

  it("are orthonormal, and the same for the same samples", () => {
    // Three: the features have no more degrees of freedom.
    const { vectors } = gather(500).directions(3);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        expect(dot(row(vectors, i), row(vectors, j))).toBeCloseTo(i === j ? 1 : 0, 5);
    expect(gather(500).directions(3).vectors).toEqual(vectors);
  });

  it("of images that do not change are nothing, and do no harm", () => {
    const sum = responseSum(2, 1);
    sum.add(Float32Array.of(1, 2, 3, 4), Float32Array.of(9, 9));
    const { vectors, shares } = sum.directions(2);
    expect([...vectors].every(Number.isFinite)).toBe(true);
    expect(shares).toEqual([0, 0]);
  });
});

describe("coarse images", () => {
  it("keep the mean of every square", () => {
    fc.assert(
      fc.property(fc.constantFrom(4, 8, 12, 32, 48), fc.integer({ min: 1, max: 16 }), (side, max) => {
        const planes = Uint8Array.from({ length: 2 * 3 * side * side }, (_, i) => (i * 37) % 256);
        const small = coarse(planes, side, max);
        const each = small.length / 6;
        expect(Math.sqrt(each)).toBeLessThanOrEqual(max);
        const mean = (values: ArrayLike<number>): number =>
          Array.from(values).reduce((a, b) => a + b, 0) / values.length;
        expect(mean(small.subarray(each, 2 * each))).toBeCloseTo(
          mean(planes.subarray(side * side, 2 * side * side)),
          2,
        );
      }),
    );
  });
});
