/** Which grids a strip of film shows: a few, evenly spread over the training so far, the first and the newest among them. */

/** At most `most` of `all`, in order. */
export function spreadOut<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]!);
}
