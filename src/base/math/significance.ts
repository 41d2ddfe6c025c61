/**
 * Tests of significance for experiments with few runs. Golden values are from SciPy
 * (test/goldens/statistics.py).
 */
import { randomStream } from "../random.ts";
import { meanAndStdDev } from "./statistics.ts";

/** A mean that is tested against 0. */
export interface MeanTest {
  readonly n: number;
  readonly mean: number;
  /** Of the mean: sample standard deviation / √n. */
  readonly standardError: number;
  readonly t: number;
  /** Two-sided, by Student's t with n − 1 degrees of freedom. */
  readonly p: number;
  /** The mean's 95% confidence interval. */
  readonly interval: readonly [low: number, high: number];
}

/**
 * Student's t-test of one sample against 0; of differences of pairs it is the paired t-test.
 * @param values at least two
 * @throws RangeError for fewer than two values
 */
export function meanTest(values: readonly number[]): MeanTest {
  const n = values.length;
  if (n < 2) throw new RangeError(`A t-test needs two values at least, not ${n}.`);
  const { mean, sd } = meanAndStdDev(values);
  const standardError = sd / Math.sqrt(n);
  // Equal values leave no doubt, but 0 / 0 is no number.
  const t = mean === 0 ? 0 : mean / standardError;
  const half = studentQuantile(0.975, n - 1) * standardError;
  const p = studentTwoSided(t, n - 1);
  return { n, mean, standardError, t, p, interval: [mean - half, mean + half] };
}

/**
 * The exact sign test: how often chance alone has so many differences of one sign, or more.
 * Zeros are left out.
 * @returns the two-sided p-value; 1 where no difference is left
 */
export function signTest(differences: readonly number[]): number {
  const kept = differences.filter((value) => value !== 0);
  const positive = kept.filter((value) => value > 0).length;
  const extreme = Math.max(positive, kept.length - positive);
  let tail = 0;
  for (let k = extreme; k <= kept.length; k++)
    tail += Math.exp(logChoose(kept.length, k) - kept.length * Math.LN2);
  return Math.min(1, 2 * tail);
}

/** Counts of two groups: rows are groups, columns are whether it happened. */
export type FourfoldTable = readonly [readonly [number, number], readonly [number, number]];

/**
 * Fisher's exact test of a 2 × 2 table.
 * @returns the two-sided p-value: the probability, with the sums of rows and columns as they are,
 *   of all tables that are no likelier than this one
 */
export function fisherExact([[a, b], [c, d]]: FourfoldTable): number {
  const [row, column, all] = [a + b, a + c, a + b + c + d];
  const log = (x: number): number =>
    logChoose(row, x) + logChoose(all - row, column - x) - logChoose(all, column);
  // Tables as likely as this one belong to it, whatever rounding says.
  const max = log(a) + 1e-7;
  let p = 0;
  for (let x = Math.max(0, row + column - all); x <= Math.min(row, column); x++)
    if (log(x) <= max) p += Math.exp(log(x));
  return Math.min(1, p);
}

/**
 * The percentile bootstrap's 95% confidence interval of a statistic.
 * @param values the sample, at least one
 * @param statistic of a sample as long
 * @param seed of the resampling
 */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  seed: number,
  resamples = 10_000,
): readonly [low: number, high: number] {
  const stream = randomStream(seed, "bootstrap");
  const found = Float64Array.from({ length: resamples }, () =>
    statistic(values.map(() => values[stream.integer(values.length)]!)),
  ).sort();
  const at = (share: number): number => found[Math.min(resamples - 1, Math.floor(share * resamples))]!;
  return [at(0.025), at(0.975)];
}

/** P(|T| ≥ |t|) = I_x(ν/2, ½) with x = ν / (ν + t²) (Abramowitz and Stegun 26.7.1). */
export function studentTwoSided(t: number, freedom: number): number {
  if (!Number.isFinite(t)) return Number.isNaN(t) ? Number.NaN : 0;
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/** The t that a share of Student's distribution lies below; `share` in (0.5, 1). */
function studentQuantile(share: number, freedom: number): number {
  let [low, high] = [0, 2];
  while (1 - studentTwoSided(high, freedom) / 2 < share) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (1 - studentTwoSided(middle, freedom) / 2 < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The regularized incomplete beta function I_x(a, b), by its continued fraction (Abramowitz and
 * Stegun 26.5.8), which converges fast for x < (a + 1) / (a + b + 2); beyond that I_x(a, b) is
 * 1 − I_{1−x}(b, a).
 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // Evaluated from the end: 200 terms are more than degrees of freedom of this size need.
  let fraction = 0;
  for (let m = 200; m >= 1; m--) {
    const odd = (-(a + m - 1) * (a + b + m - 1) * x) / ((a + 2 * m - 2) * (a + 2 * m - 1));
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    fraction = odd / (1 + even / (1 + fraction));
  }
  return front / (a * (1 + fraction));
}

/** log of the binomial coefficient. */
const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

/** log Γ(x) for x > 0, by Stirling's series after the argument was raised above 10. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 10) shift -= Math.log(z++);
  const r = 1 / (z * z);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / z;
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series;
}
