/** Measured values of any size in sentences and tables. */

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * −2.8e23 → `−2.8·10²³`: a number as a power of ten, with one digit behind the point unless told
 * otherwise.
 */
export function formatPower(value: number, decimals = 1): string {
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
export function formatValue(value: number, decimals = 3): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size >= 1e6 || (size < 1e-3 && size > 0)) return formatPower(value);
  return value.toFixed(decimals);
}
