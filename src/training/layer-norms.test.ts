/** Norms of kernels against matrices whose singular values are known. */
import { describe, expect, it } from "vitest";
import { randomStream } from "../base/random.ts";
import { spectralNorm, spectralNorms } from "./layer-norms.ts";

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
