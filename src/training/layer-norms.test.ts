/** Norms of kernels against matrices whose singular values are known. */
import { describe, expect, it } from "vitest";
import { randomStream } from "../base/random.ts";
import { createNormMeter, spectralNorms } from "./layer-norms.ts";
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
  const slots = [{ name: "discriminator/block1/conv1/kernel", shape: [2, 2], offset: 0 }];
  /** At which of some times there are norms. @param costs milliseconds of each */
  async function measured(times: readonly number[], costs: number): Promise<number[]> {
    let clock = 0;
    const meter = createNormMeter(() => clock);
    const at: number[] = [];
    for (const time of times) {
      clock = time;
      const norms = await meter.at(async () => {
        clock += costs;
        return [slots, Float32Array.of(3, 0, 0, 4)];
      });
      if (norms) at.push(time);
    }
    return at;
  }

  it("are left out where they would take more than a hundredth of the time", async () => {
    expect(await measured([0, 10_000, 20_000, 30_000, 60_000, 70_000], 250)).toEqual([0, 30_000, 60_000]);
  });

  it("are never left out where they take next to nothing", async () => {
    expect(await measured([0, 1, 2, 3], 20)).toEqual([0, 1, 2, 3]);
  });
});
