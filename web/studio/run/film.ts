/**
 * Which grids a strip of film shows: a few, evenly spread over the training so far, the first and
 * the newest among them.
 */

/** At most `max` of `all`, in order. */
export function spreadOut<T>(all: readonly T[], max: number): readonly T[] {
  if (all.length <= max) return all;
  return Array.from({ length: max }, (_, i) => all[Math.round((i * (all.length - 1)) / (max - 1))]!);
}
