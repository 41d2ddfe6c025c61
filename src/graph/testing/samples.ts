/**
 * For tests: random values that stay away from where a function has a kink or a pole, and
 * comparisons in double precision.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { type RandomStream, randomStream } from "../../base/random.ts";
import { input } from "../operations/index.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { CPU, evaluate, type Values } from "./evaluate.ts";

/** Draws `count` values. */
export type Sampler = (stream: RandomStream, count: number) => Float32Array;

const draw =
  (one: (stream: RandomStream) => number): Sampler =>
  (stream, count) =>
    Float32Array.from({ length: count }, () => one(stream));

/** In [−1, 1). */
export const anywhere: Sampler = draw((s) => 2 * s.uniform() - 1);
/** Magnitude from 0.4 to 1.4, either sign. */
export const awayFromZero: Sampler = draw((s) => (s.uniform() < 0.5 ? -1 : 1) * (0.4 + s.uniform()));
/** From 0.5 to 1.5. */
export const positives: Sampler = draw((s) => 0.5 + s.uniform());
/**
 * No two values nearer to one another than 0.25, shuffled, around 0. `offset` shifts all by a part
 * of the distance.
 */
export const apart =
  (offset = 0): Sampler =>
  (stream, count) => {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = stream.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return Float32Array.from(order, (place) => 0.25 * (place + offset - Math.floor(count / 2)));
  };

/** Σ aᵢ bᵢ in double precision. */
export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
};

/** Inputs with random values, collected as they are made. */
export class Inputs {
  readonly values = new Map<Tensor, Values>();
  readonly #stream: RandomStream;

  constructor(seed: number) {
    this.#stream = randomStream(seed, "test values");
  }

  /** A float32 input. */
  tensor(shape: Shape, sampler: Sampler = anywhere): Tensor {
    const tensor = input(`x${this.values.size}`, shape);
    this.values.set(tensor, sampler(this.#stream, sizeOf(shape)));
    return tensor;
  }

  /** An int64 input with values from 0 to `below` − 1. */
  indices(count: number, below: number): Tensor {
    const tensor = input(`i${this.values.size}`, [count], "int64");
    this.values.set(
      tensor,
      BigInt64Array.from({ length: count }, () => BigInt(this.#stream.integer(below))),
    );
    return tensor;
  }

  /** The values an input was given. */
  of(tensor: Tensor): Float32Array {
    return this.values.get(tensor) as Float32Array;
  }

  /** Evaluate float32 results. */
  async run<Name extends string>(
    results: Record<Name, Tensor>,
    target = CPU,
  ): Promise<Record<Name, Float32Array>> {
    return (await evaluate(results, this.values, target)) as Record<Name, Float32Array>;
  }
}

/**
 * Assert that two sets of results are equal up to rounding, relative to the largest value of each
 * (or to `scale`, if larger).
 */
export function expectSame(
  actual: Readonly<Record<string, Values>>,
  expected: Readonly<Record<string, Values>>,
  tolerance = 1e-5,
  scale = 1e-3,
): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, wanted] of Object.entries(expected)) {
    const got = actual[name]!;
    expect(got.length, name).toBe(wanted.length);
    let largest = scale;
    for (const v of wanted) largest = Math.max(largest, Math.abs(Number(v)));
    let worst = 0;
    for (let i = 0; i < wanted.length; i++) {
      const difference = Math.abs(Number(got[i]) - Number(wanted[i]));
      if (!(difference <= worst)) worst = difference;
    }
    expect(worst, `${name}: largest difference, values up to ${largest}`).toBeLessThanOrEqual(
      tolerance * largest,
    );
  }
}

/** Assert that two numbers are equal up to rounding of sums of terms of `scale`. */
export function expectNear(actual: number, expected: number, scale: number, tolerance = 1e-5): void {
  expect(Math.abs(actual - expected), `${actual} and ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.max(scale, 1),
  );
}

/** Random seeds of the values. */
export const seeds = fc.integer({ min: 0, max: 2 ** 31 });

/** Sizes from 1 up. */
export const sizes = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });

/** Shapes of a few small axes. */
export const shapes = (minRank = 0, maxRank = 4, maxSize = 4): fc.Arbitrary<number[]> =>
  fc.array(sizes(maxSize), { minLength: minRank, maxLength: maxRank });

/**
 * Pairs (or more) of shapes that broadcast: each a common shape with some leading axes gone and
 * some sizes 1.
 */
export const broadcastable = (count: number): fc.Arbitrary<number[][]> =>
  shapes(0, 4, 3).chain((common) =>
    fc.tuple(
      ...Array.from({ length: count }, () =>
        fc
          .record({
            ones: fc.array(fc.boolean(), { minLength: common.length, maxLength: common.length }),
            cut: fc.nat(common.length),
          })
          .map(({ ones, cut }) => common.map((n, i) => (ones[i] ? 1 : n)).slice(cut)),
      ),
    ),
  );

/** Run an asynchronous property. */
export const check = <T>(
  arbitrary: fc.Arbitrary<T>,
  runs: number,
  property: (value: T) => Promise<void>,
): Promise<void> => fc.assert(fc.asyncProperty(arbitrary, property), { numRuns: runs });
