/**
 * Curves in buckets: nothing is lost, however many steps there are and in whatever pieces they
 * arrive.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addStep, curvesOf, emptySeries, MAX_BUCKETS, type StepSeries, withTail } from "./series.ts";

const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });

function filled(values: readonly number[], name = "loss"): StepSeries {
  const series = emptySeries();
  for (const [i, one] of values.entries()) addStep(series, i + 1, { [name]: one });
  return series;
}

describe("buckets", () => {
  it.each([1, 1000, 1024, 1025, 5000, 100_000])(
    "of %d steps are never more than 1024, and count every step",
    (count) => {
      const values = Array.from({ length: count }, (_, i) => Math.sin(i) + (i === 777 ? 50 : 0));
      const series = filled(values);
      const { count: counts, sum, min, max } = series.columns.loss!;
      expect(series.keys.length).toBeLessThanOrEqual(MAX_BUCKETS);
      expect(counts.reduce((a, b) => a + b, 0)).toBe(count);
      const total = values.reduce((a, b) => a + b, 0);
      expect(Math.abs(sum.reduce((a, b) => a + b, 0) - total)).toBeLessThan(1e-6);
      expect(Math.max(...max)).toBe(values.reduce((a, b) => Math.max(a, b)));
      expect(Math.min(...min)).toBe(values.reduce((a, b) => Math.min(a, b)));
    },
  );

  it("hold the least and max of just the steps they span", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3000 }), (values) => {
        const { width, keys, columns } = filled(values);
        for (const [i, key] of keys.entries()) {
          const inside = values.slice(key * width, (key + 1) * width);
          expect(columns.loss!.count[i]).toBe(inside.length);
          expect(columns.loss!.min[i]).toBe(Math.min(...inside));
          expect(columns.loss!.max[i]).toBe(Math.max(...inside));
        }
      }),
      { numRuns: 30 },
    );
  });

  it("a curve that begins late, or has gaps, has no value where it has none", () => {
    const series = emptySeries();
    for (let step = 1; step <= 6; step++)
      addStep(series, step, { loss: step, ...(step > 3 && { penalty: step === 5 ? Number.NaN : step }) });
    expect(curvesOf(series, 6).curves.penalty!.mean).toEqual([null, null, null, 4, null, 6]);
  });
});

it("the page, given only the ends it has not seen, has what the server has", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 }), (pieces) => {
      const series = emptySeries();
      let step = 0;
      let known = curvesOf(series, 0);
      for (const piece of pieces) {
        const from = series.keys.at(-1) ?? 0;
        const width = series.width;
        for (let i = 0; i < piece; i++)
          addStep(series, ++step, { loss: step % 7, ...(step > 500 && { late: step }) });
        const whole = curvesOf(series, step);
        const joined = withTail(known, curvesOf(series, step, width === series.width ? from : 0));
        if (width === series.width) expect(joined).toEqual(whole);
        else expect(joined).toBeUndefined();
        known = whole;
      }
    }),
    { numRuns: 60 },
  );
});
