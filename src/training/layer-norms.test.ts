/** Norms of kernels against matrices whose singular values are known. */
import { describe, expect, it } from "vitest";
import { randomStream } from "../base/random.ts";
import { hasNorms, spectralNorms } from "./layer-norms.ts";
import { spectralNorm } from "./spectral-norm.ts";

/** U diag(values) Vᵀ with U and V of Householder reflections. */
function withSingularValues(values: readonly number[], rows: number, columns: number): Float32Array {
  const stream = randomStream(3, "reflections");
  const reflection = (n: number) => {
    const a = Float64Array.from({ length: n }, () => stream.normal());
    const squares = a.reduce((sum, x) => sum + x * x, 0);
    return (i: number, j: number) => (i === j ? 1 : 0) - (2 * a[i]! * a[j]!) / squares;
  };
  const [u, v] = [reflection(rows), reflection(columns)];
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return values.reduce((sum, value, k) => sum + u(i, k) * value * v(j, k), 0);
  });
}

describe("the spectral norm", () => {
  it.each([
    [[5, 2, 1], 8, 20],
    [[5, 2, 1], 20, 8],
    [[1e-5, 3e-6], 4, 4],
    [[7], 1, 30],
    [[1e12, 1, 1e-9], 9, 9],
    // Close to one another, as those of a kernel that has not been trained: power iteration needs hundreds of turns.
    [Array.from({ length: 60 }, (_, i) => 2 - i / 100), 64, 90],
  ])("of a matrix with singular values %j, %i × %i", (values, rows, columns) => {
    const found = spectralNorm(withSingularValues(values, rows, columns), rows, columns);
    expect(found / values[0]!).toBeCloseTo(1, 3);
  });

  it("of nothing is zero, and of what is not finite is left out", () => {
    expect(spectralNorm(new Float32Array(6), 2, 3)).toBe(0);
    const slots = [
      { name: "discriminator/block1/conv1/kernel", shape: [2, 1, 1, 2], offset: 0 },
      { name: "discriminator/block1/conv1/bias", shape: [2], offset: 4 },
      { name: "discriminator/finalFc/kernel", shape: [1, 2], offset: 6 },
    ];
    const parameters = Float32Array.of(3, 0, 0, 4, 9, 9, Number.NaN, 1);
    expect(spectralNorms(slots, parameters)).toEqual({ "block1/conv1": 4 });
  });
});

describe("norms at grids", () => {
  const slots = [
    { name: "discriminator/block1/conv1/kernel", shape: [1000, 250, 3, 3], offset: 0 },
    { name: "discriminator/block1/conv1/bias", shape: [9e6], offset: 2.25e6 },
  ];
  const large = [{ name: "discriminator/block1/conv1/kernel", shape: [1000, 300, 3, 3], offset: 0 }];
  const at = (all: typeof slots, sampleEvery: number) =>
    Array.from({ length: 16 }, (_, i) => i * sampleEvery).filter((step) => hasNorms(all, sampleEvery, step));

  it("are never left out where they take next to nothing", () => {
    expect(at(slots, 100)).toHaveLength(16);
    expect(hasNorms(slots, 100, 123)).toBe(true);
  });

  it("of a large network are at every so many grids, whenever the run was begun or continued", () => {
    expect(at(large, 500)).toEqual([0, 2500, 5000, 7500]);
    expect(at(large, 1000)).toEqual([0, 3000, 6000, 9000, 12_000, 15_000]);
    expect(at(large, 5000)).toHaveLength(16);
    // Of a grid that was asked for besides.
    expect(hasNorms(large, 500, 2499)).toBe(false);
  });
});
