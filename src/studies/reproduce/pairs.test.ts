/** Models against each other, seed by seed. */
import { expect, it } from "vitest";
import { asRatio, comparePairs, inPoints, pairSentences } from "./pairs.ts";
import type { RunRecord } from "./record.ts";

/** Runs whose number is the one given; it stands where the speed does. */
const runs = (label: string, values: Readonly<Record<number, number>>, step = 10): RunRecord[] =>
  Object.entries(values).map(([seed, value]) => ({
    ...{ id: `${label} ${seed}`, dir: "", label, seed: Number(seed), state: "done", step, steps: 10 },
    ...{ evaluations: [], probes: [], stepSeconds: value },
  }));
const pick = ({ step, stepSeconds: value }: RunRecord) => ({ step, value });

it("are paired by seed, whatever the order; a seed that one of them lacks is left out", () => {
  const all = [...runs("a", { 3: 0.5, 5: 0.7, 4: 0.9 }), ...runs("b", { 5: 0.6, 3: 0.2, 6: 0 })];
  const compared = comparePairs(all, ["a", "b"], pick)!;
  expect(compared.seeds).toEqual([3, 5]);
  expect(compared.differences.map((value) => value.toFixed(6))).toEqual(["0.300000", "0.100000"]);
  // scipy.stats.ttest_rel([0.5, 0.7], [0.2, 0.6])
  expect(compared.test!.t).toBeCloseTo(2, 10);
  expect(compared.test!.p).toBeCloseTo(0.2951672353008665, 10);
});

it("are not compared where they were measured after different steps, or share no seed", () => {
  expect(comparePairs([...runs("a", { 1: 1 }), ...runs("b", { 1: 1 }, 9)], ["a", "b"], pick)).toBeUndefined();
  expect(comparePairs([...runs("a", { 1: 1 }), ...runs("b", { 2: 1 })], ["a", "b"], pick)).toBeUndefined();
});

it("are told with every pair, and not at all with a single one", () => {
  const all = [...runs("a", { 1: 0.5, 2: 0.7 }), ...runs("b", { 1: 0.2, 2: 0.6 })];
  expect(pairSentences(all, ["a", "b"], pick, inPoints("Accuracy"))).toEqual([
    "Accuracy, a against b: +20.0 points on average over 2 pairs of runs with the same seed (95% interval −107.1 points to +147.1 points; paired t-test: t = 2.0, p = 0.295); seed 1: +30.0 points, seed 2: +10.0 points.",
  ]);
  expect(pairSentences(all.slice(0, 3), ["a", "b"], pick, inPoints("Accuracy"))).toEqual([]);
});

it("of logarithms are ratios", () => {
  expect(asRatio("FID").format(Math.log(0.5))).toBe("0.50 times");
});
