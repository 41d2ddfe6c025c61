/**
 * Two models of an experiment against each other, seed by seed: the same seed gives both the same
 * first weights, as far as they have them in common, and the same order of images. The unit is a
 * run.
 */
import { type MeanTest, meanTest } from "../../base/math/significance.ts";
import { overSeeds, type Picked, type RunRecord } from "./record.ts";

/** One model minus the other. */
export interface PairedComparison {
  /** Seeds that both have, ascending. */
  readonly seeds: readonly number[];
  /** One a seed. */
  readonly differences: readonly number[];
  /** Student's paired t-test; undefined for a single pair. */
  readonly test: MeanTest | undefined;
}

/**
 * Compare two models over the seeds that both have.
 * @param models labels; the difference is of the first minus the second
 * @param pick the number that is compared, and the step it was measured after
 * @returns undefined where no seed has both, or they were measured after different steps
 */
export function comparePairs(
  runs: readonly RunRecord[],
  [first, second]: readonly [string, string],
  pick: (run: RunRecord) => Picked,
): PairedComparison | undefined {
  const [a, b] = [overSeeds(runs, first, pick), overSeeds(runs, second, pick)];
  if (!a || !b || a.step !== b.step) return undefined;
  const ofSecond = new Map(b.seeds.map((seed, i) => [seed, b.values[i]!]));
  const pairs = a.seeds
    .flatMap((seed, i) => (ofSecond.has(seed) ? [{ seed, value: a.values[i]! - ofSecond.get(seed)! }] : []))
    .sort((one, other) => one.seed - other.seed);
  if (pairs.length === 0) return undefined;
  const differences = pairs.map(({ value }) => value);
  return {
    seeds: pairs.map(({ seed }) => seed),
    differences,
    test: differences.length > 1 ? meanTest(differences) : undefined,
  };
}

/** How differences of a number read. */
export interface DifferenceFormat {
  /** What is compared: `Accuracy of the last block at the end`. */
  readonly what: string;
  /** Writes a difference, with its sign. */
  readonly format: (value: number) => string;
}

/** Differences of shares, in percentage points. */
export const inPoints = (what: string): DifferenceFormat => ({
  what,
  format: (value) => `${signed(100 * value, 1)} points`,
});

/** Differences of logarithms, as ratios: −0.13 is 0.88 times. */
export const asRatio = (what: string): DifferenceFormat => ({
  what,
  format: (value) => `${Math.exp(value).toFixed(2)} times`,
});

/** A comparison in words; nothing where there are fewer than two pairs. */
export function pairSentences(
  runs: readonly RunRecord[],
  models: readonly [string, string],
  pick: (run: RunRecord) => Picked,
  { what, format }: DifferenceFormat,
): string[] {
  const compared = comparePairs(runs, models, pick);
  if (!compared?.test) return [];
  const { seeds, differences, test } = compared;
  const each = seeds.map((seed, i) => `seed ${seed}: ${format(differences[i]!)}`).join(", ");
  const [low, high] = test.interval;
  const p = test.p < 0.001 ? "p < 0.001" : `p = ${test.p.toFixed(3)}`;
  return [
    `${what}, ${models[0]} against ${models[1]}: ${format(test.mean)} on average over ${test.n} pairs of runs with the same seed (95% interval ${format(low)} to ${format(high)}; paired t-test: t = ${test.t.toFixed(1)}, ${p}); ${each}.`,
  ];
}

const signed = (value: number, digits: number): string =>
  `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
