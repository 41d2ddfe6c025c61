/** Numbers of curves and quantities as text: short, and on an axis never two alike. */
import { formatPower } from "./values.ts";

/**
 * Writes a number as people read it.
 * @param spacing of the numbers that it stands among: they have the digits it takes to tell them
 * apart. Without it, few
 */
export type NumberFormat = (value: number, spacing?: number) => string;

/** From here on numbers are powers of ten. */
const LARGE = 1e9;
/** Below it too, but for 0. */
const SMALL = 1e-3;

/** 0.253 → 25%; among numbers 0.005 apart 25.3% */
export const percent: NumberFormat = (value, spacing) => {
  const size = Math.abs(100 * value);
  if (!(size < LARGE)) return `${shortNumber(100 * value, spacing && 100 * spacing)}%`;
  const decimals = spacing === undefined ? 0 : decimalsOf(100 * spacing);
  return `${(100 * value).toFixed(decimals)}%`.replace(/^-(0%)$/, "$1");
};

/**
 * 12345 → 12.3k; 0.000123 → 1.2·10⁻⁴; −2.8e23 → −2.8·10²³: at most three digits that count, or
 * those it takes.
 */
export const shortNumber: NumberFormat = (value, spacing) => {
  const size = Math.abs(value);
  if (Number.isNaN(value)) return "NaN";
  if (size === Number.POSITIVE_INFINITY) return value > 0 ? "∞" : "−∞";
  // Digits from the first one that counts to the last one of the spacing.
  const needed = spacing && size > 0 ? Math.floor(Math.log10(size)) + 1 + decimalsOf(spacing) : 0;
  const digits = Math.min(15, Math.max(3, needed));
  if (size >= LARGE || (size !== 0 && size < SMALL)) return power(value, spacing);
  if (size >= 1e6) return `${trim(value / 1e6, digits)}M`;
  if (size >= 1e4) return `${trim(value / 1e3, digits)}k`;
  if (size >= 1000) return trim(value, Math.max(4, digits));
  return trim(value, digits);
};

/** A value that somebody set, as exactly as they did: 0.0008, 0.00025, 1e-7. */
export const settingNumber: NumberFormat = (value, spacing) =>
  spacing === undefined ? String(Number(value.toPrecision(6))) : shortNumber(value, spacing);

/**
 * Digits behind the point up to which the numbers of an axis are written out, where some of them
 * would be powers of ten and others not.
 */
const MAX_DECIMALS = 6;

/**
 * All numbers of an axis in one notation: 0.00095, 0.001, 0.00105 and not 9.5e-4 among the others.
 */
export function axisNumbers(values: readonly number[], spacing: number, format: NumberFormat): string[] {
  const texts = values.map((value) => format(value, spacing));
  const isPower = (text: string): boolean => text.includes(POWER);
  const powers = values.filter((value, i) => value !== 0 && isPower(texts[i]!)).length;
  const others = values.filter((value, i) => value !== 0 && !isPower(texts[i]!)).length;
  if (powers === 0 || others === 0) return texts;
  const unit = texts[0]!.endsWith("%") ? "%" : "";
  const scale = unit === "%" ? 100 : 1;
  if (values.some((value) => Math.abs(scale * value) >= LARGE))
    return values.map((value) => (value === 0 ? "0" : power(scale * value, scale * spacing)) + unit);
  const decimals = decimalsOf(spacing);
  if (decimals > MAX_DECIMALS) return texts;
  return values.map((value) => String(Number(value.toFixed(decimals))));
}

/** What only powers of ten have. */
const POWER = "·10";

/**
 * With one digit behind the point, or those it takes to tell it from its neighbors; without zeros
 * at the end.
 */
function power(value: number, spacing?: number): string {
  const exponentOf = (number: number): number => Math.floor(Math.log10(Math.abs(number)));
  const own = exponentOf(value);
  const scale = spacing ? exponentOf(spacing) : own;
  // The spacing's own digits, as the 5 of 2.5, and those from its first one up to the number's.
  const needed = spacing ? own - scale + decimalsOf(spacing / 10 ** scale) : 1;
  const decimals = Math.min(14, Math.max(1, needed));
  return formatPower(value, decimals).replace(/\.?0+·/, "·");
}

const trim = (value: number, digits: number): string => String(Number(value.toPrecision(digits)));

/** Digits behind the point that a number has, so far as they are not rounding: 0.25 → 2. */
function decimalsOf(number: number): number {
  for (let decimals = 0; decimals < 12; decimals++) {
    const scaled = number * 10 ** decimals;
    if (Math.round(scaled) > 0 && Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 0;
}
