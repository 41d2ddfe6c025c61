/** Some of many, evenly. */

/**
 * At most `max` of `all`, evenly spread, the first and the last among them.
 * @param max at least 1; of 1 it is the last
 */
export const spreadOut = <T>(all: readonly T[], max: number): T[] =>
  all.length <= max
    ? [...all]
    : max === 1
      ? all.slice(-1)
      : Array.from({ length: max }, (_, i) => all[Math.round((i * (all.length - 1)) / (max - 1))]!);
