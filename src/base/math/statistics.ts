/** Small statistics. */

/** The mean; NaN of no values. */
export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** The value in the middle, of two the upper one; undefined of no values. */
export const median = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Mean and sample standard deviation (0 for one value). */
export function meanAndStdDev(values: readonly number[]): { mean: number; sd: number } {
  const center = mean(values);
  const squares = values.reduce((total, value) => total + (value - center) ** 2, 0);
  return { mean: center, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}
