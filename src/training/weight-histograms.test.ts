/** Histograms of weights against counts done by hand, and what must hold of any. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BINS, hasHistograms, weightHistograms } from "./weight-histograms.ts";

const kernel = (name: string, offset: number, size: number) => ({
  name: `discriminator/${name}/kernel`,
  shape: [size, 1],
  offset,
});

describe("histograms of weights", () => {
  it("count each layer's weights in equal parts of its own range", () => {
    const slots = [
      kernel("block1/conv1", 0, 4),
      { name: "discriminator/block1/conv1/bias", shape: [2], offset: 4 },
      kernel("out", 6, 3),
    ];
    const [first, last] = weightHistograms(slots, Float32Array.of(0, 41, 0.5, 20.5, 9, 9, -1, -1, -1));
    expect(first).toMatchObject({
      layer: "block1/conv1",
      shape: [4, 1],
      count: 4,
      least: 0,
      greatest: 41,
      mean: 15.5,
    });
    expect(first!.bins.flatMap((count, bin) => (count > 0 ? [[bin, count]] : []))).toEqual([
      [0, 2],
      [20, 1],
      [40, 1],
    ]);
    expect(first!.deviation).toBeCloseTo(Math.sqrt((15.5 ** 2 + 25.5 ** 2 + 15 ** 2 + 5 ** 2) / 4), 2);
    // All the same: in the middle.
    expect(last).toMatchObject({ layer: "out", count: 3, mean: -1, deviation: 0 });
    expect(last!.bins[20]).toBe(3);
  });

  it("count every finite weight once, and the others apart", () => {
    const weight = fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(Number.NaN, Infinity, -Infinity));
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 200 }), (weights) => {
        const found = weightHistograms([kernel("a", 0, weights.length)], Float32Array.from(weights))[0]!;
        const finite = weights.filter((value) => Number.isFinite(value));
        expect(found.bins).toHaveLength(BINS);
        expect(found.bins.reduce((a, b) => a + b, 0)).toBe(finite.length);
        expect(found.count + (found.notFinite ?? 0)).toBe(weights.length);
        for (const number of [found.mean, found.deviation, found.least, found.greatest])
          expect(Number.isFinite(number)).toBe(true);
      }),
    );
  });

  it("are left out at most grids of very large networks, whatever the pace of grids", () => {
    const huge = [kernel("a", 0, 3e7)];
    const at = (step: number, every: number) => hasHistograms(huge, every, step);
    expect([0, 100, 2400, 2500, 5000].map((step) => at(step, 100))).toEqual([true, false, false, true, true]);
    expect([0, 900, 2700].map((step) => at(step, 900))).toEqual([true, false, true]);
    expect(hasHistograms([kernel("a", 0, 1000)], 7, 7)).toBe(true);
  });
});
