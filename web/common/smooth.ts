/** Smoothing of curves for the eye. */

/**
 * Exponential smoothing without the pull of the start (each value is divided by the weight it has
 * got so far, as Adam's moments are).
 * @param values null where there is no value; stays null
 * @param weight of what came before: 0 leaves the curve as it is, near 1 is very smooth
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  if (weight <= 0) return [...values];
  let sum = 0;
  let weights = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = weight * sum + (1 - weight) * value;
    weights = weight * weights + (1 - weight);
    return sum / weights;
  });
}
