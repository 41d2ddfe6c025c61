/** Counts, and how much of a memory or a disk. */

/** 1234567 → `1,234,567`; rounded to whole numbers. */
export const formatCount = (value: number): string => Math.round(value).toLocaleString("en");

/**
 * `1 image`, `2 images`; with a plural that is not the singular and an s where one is given.
 */
export const formatCountOf = (value: number, one: string, many = `${one}s`): string =>
  `${formatCount(value)} ${value === 1 ? one : many}`;

const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/**
 * Bytes in decimal units: `410 MB`, `71.3 MB`, `1.2 GB`.
 * @param digits that count, at the most: three, or as many as it takes to tell two sizes apart
 */
export function formatBytes(bytes: number, digits = 3): string {
  let [value, unit] = [bytes, 0];
  const rounded = (): number =>
    unit === 0 ? value : Number(value.toFixed(Math.min(1, Math.max(0, digits - wholeDigits(value)))));
  for (; rounded() >= 1000 && unit < UNITS.length - 1; unit++) value /= 1000;
  return unit === 0 ? formatCountOf(value, "byte") : `${rounded()} ${UNITS[unit]}`;
}

/** Digits before the point: 71.3 → 2. */
const wholeDigits = (value: number): number => Math.trunc(value).toString().length;
