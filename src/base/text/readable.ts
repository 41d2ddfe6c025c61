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

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * −2.8e23 → `−2.8·10²³`: a number as a power of ten, with one digit behind the point unless told
 * otherwise.
 */
export function readablePower(value: number, decimals = 1): string {
  const [mantissa = "", exponent = ""] = value.toExponential(decimals).split("e");
  const power = exponent
    .replace("+", "")
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]!);
  return `${mantissa.replace("-", "−")}·10${power}`;
}

/**
 * A number of any size, so that a person can read it: from 0.001 up to a million as it is, others
 * as powers of ten. `1.234`, `0.000`, `−2.8·10²³`, `4.0·10⁻⁴`, `NaN`, `∞`.
 * @param decimals digits behind the point of the ordinary ones, 0 or more
 */
export function readableValue(value: number, decimals = 3): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size >= 1e6 || (size < 1e-3 && size > 0)) return readablePower(value);
  return value.toFixed(decimals);
}
