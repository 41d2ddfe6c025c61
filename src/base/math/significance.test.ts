import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bootstrapInterval, type FourfoldTable, fisherExact, meanTest, signTest } from "./significance.ts";

interface Golden {
  readonly means: readonly { values: number[]; t: number; p: number; low: number; high: number }[];
  readonly signs: readonly { positive: number; negative: number; p: number }[];
  readonly fisher: readonly { table: FourfoldTable; p: number }[];
  readonly bootstrap: { readonly values: number[]; readonly low: number; readonly high: number };
}
const golden = JSON.parse(
  readFileSync(new URL("../../../test/goldens/statistics.json", import.meta.url), "utf8"),
) as Golden;

describe("the t-test", () => {
  it.each(golden.means)("is SciPy's for $values.length values", ({ values, t, p, low, high }) => {
    const found = meanTest(values);
    expect(found.t).toBeCloseTo(t, 9);
    expect(found.p / p).toBeCloseTo(1, 8);
    expect(found.interval[0]).toBeCloseTo(low, 8);
    expect(found.interval[1]).toBeCloseTo(high, 8);
  });

  it("has no doubt about equal values, and none to offer about one", () => {
    expect(meanTest([2, 2, 2])).toMatchObject({ t: Number.POSITIVE_INFINITY, p: 0, interval: [2, 2] });
    expect(meanTest([0, 0])).toMatchObject({ t: 0, p: 1 });
    expect(() => meanTest([1])).toThrow(RangeError);
  });
});

it.each(golden.signs)("the sign test of $positive to $negative is SciPy's", ({ positive, negative, p }) => {
  const differences = [...Array(positive).fill(0.5), 0, ...Array(negative).fill(-2)];
  expect(signTest(differences)).toBeCloseTo(p, 11);
});

describe("Fisher's exact test", () => {
  it.each(golden.fisher)("of $table is SciPy's", ({ table, p }) => {
    expect(fisherExact(table)).toBeCloseTo(p, 10);
  });

  it("does not care which group or outcome comes first", () => {
    const count = fc.nat(30);
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const [first, second] = [[a, b] as const, [c, d] as const];
        const p = fisherExact([first, second]);
        expect(p).toBeGreaterThan(0);
        expect(fisherExact([second, first])).toBeCloseTo(p, 9);
        expect(
          fisherExact([
            [b, a],
            [d, c],
          ]),
        ).toBeCloseTo(p, 9);
      }),
    );
  });
});

it("the bootstrap's interval is SciPy's but for chance, and the same for the same seed", () => {
  const { values, low, high } = golden.bootstrap;
  const mean = (sample: readonly number[]): number => sample.reduce((a, b) => a + b, 0) / sample.length;
  const found = bootstrapInterval(values, mean, 1);
  expect(Math.abs(found[0] - low)).toBeLessThan(0.05 * (high - low));
  expect(Math.abs(found[1] - high)).toBeLessThan(0.05 * (high - low));
  expect(bootstrapInterval(values, mean, 1)).toEqual(found);
});
