/** Numbers as people read them. */

/** 1234567 → `1,234,567`; rounded to whole numbers. */
export const readableCount = (value: number): string => Math.round(value).toLocaleString("en");

/** `1 image`, `2 images`; with a plural that is not the singular and an s where one is given. */
export const readableNumber = (value: number, one: string, many = `${one}s`): string =>
  `${readableCount(value)} ${value === 1 ? one : many}`;

/** For people: 71.3 MB. */
export function readableBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
