/** Medians and what they vary between. */

export interface MedianAndRange {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median, smallest and largest; of an even number of values the mean of the middle two. */
export function medianAndRange(values: readonly number[]): MedianAndRange {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const median = (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}
