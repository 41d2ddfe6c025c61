/** Numbers of curves and quantities as text: short, and on an axis never two alike. */

/** @param spacing of the numbers that it stands among: they have the digits it takes to tell them apart. Without it, few */
export type NumberFormat = (value: number, spacing?: number) => string;

/** 0.253 → 25%; among numbers 0.005 apart 25.3% */
export const percent: NumberFormat = (value, spacing) =>
  `${(100 * value).toFixed(spacing === undefined ? 0 : decimalsOf(100 * spacing))}%`.replace(/^-(0%)$/, "$1");

/** 12345 → 12.3k; 0.000123 → 1.2e-4: at most three digits that count, or those it takes. */
export const shortNumber: NumberFormat = (value, spacing) => {
  const size = Math.abs(value);
  // Digits from the first one that counts to the last one of the spacing.
  const needed = spacing && size > 0 ? Math.floor(Math.log10(size)) + 1 + decimalsOf(spacing) : 0;
  const digits = Math.min(15, Math.max(3, needed));
  if (size >= 1e6) return `${trim(value / 1e6, digits)}M`;
  if (size >= 1e4) return `${trim(value / 1e3, digits)}k`;
  if (size >= 1000) return trim(value, Math.max(4, digits));
  if (size !== 0 && size < 1e-3)
    return value.toExponential(needed > 2 ? digits - 1 : 1).replace(/\.?0*e/, "e");
  return trim(value, digits);
};

/** A value that somebody set, as exactly as they did: 0.0008, 0.00025, 1e-7. */
export const settingNumber: NumberFormat = (value, spacing) =>
  spacing === undefined ? String(Number(value.toPrecision(6))) : shortNumber(value, spacing);

/** Digits behind the point up to which the numbers of an axis are written out, where some of them would be powers of ten and others not. */
const MOST_DECIMALS = 6;

/** All numbers of an axis in one notation: 0.00095, 0.001, 0.00105 and not 9.5e-4 among the others. */
export function axisNumbers(values: readonly number[], spacing: number, format: NumberFormat): string[] {
  const texts = values.map((value) => format(value, spacing));
  const powers = values.filter((value, i) => value !== 0 && texts[i]!.includes("e")).length;
  const others = values.filter((value, i) => value !== 0 && !texts[i]!.includes("e")).length;
  const decimals = decimalsOf(spacing);
  if (powers === 0 || others === 0 || decimals > MOST_DECIMALS) return texts;
  return values.map((value) => String(Number(value.toFixed(decimals))));
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
