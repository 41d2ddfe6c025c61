/** The vertical axis of a chart: its bounds, and marks where values lie beyond them. */
import type uPlot from "uplot";

/** Columns a line takes in the table that uPlot draws. */
export const COLUMNS = 4;

/** A value that the vertical axis leaves out. */
export interface CutValue {
  readonly step: number;
  readonly above: boolean;
  readonly tone: string;
}

/** Pixels between two marks of values that are cut. */
const MARK_APART = 9;

/**
 * Where smoothed or raw values lie beyond the vertical axis, so that a mark can stand there; not
 * more than fit beside one another.
 */
export function cutValues(u: uPlot, lines: readonly { readonly tone: string }[]): CutValue[] {
  const { min, max } = u.scales.y ?? {};
  if (min == null || max == null) return [];
  const [from, to] = u.series[0]?.idxs ?? [0, u.data[0].length - 1];
  return lines.flatMap(({ tone }, line) => {
    const cuts: CutValue[] = [];
    const last = { true: Number.NEGATIVE_INFINITY, false: Number.NEGATIVE_INFINITY };
    for (let i = from; i <= to; i++)
      for (const column of [1, 2]) {
        const value = u.data[line * COLUMNS + column]?.[i];
        if (typeof value !== "number" || (value >= min && value <= max)) continue;
        const step = u.data[0][i]!;
        const at = u.valToPos(step, "x");
        const above = value > max;
        if (at - last[`${above}`] < MARK_APART) continue;
        last[`${above}`] = at;
        cuts.push({ step, above, tone });
      }
    return cuts;
  });
}

/** Bounds of all but the outermost two in a hundred of the smoothed values that are on view. */
export function usualRange(u: uPlot, lines: number): [number | null, number | null] {
  const [from, to] = u.series[0]?.idxs ?? [0, u.data[0].length - 1];
  const values: number[] = [];
  for (let line = 0; line < lines; line++)
    for (const value of (u.data[1 + line * COLUMNS] ?? []).slice(from, to + 1))
      if (typeof value === "number") values.push(value);
  return quantiles(values, 0.02);
}

/** The values below and above which lies a share of `tail`; null without values. */
function quantiles(values: number[], tail: number): [number | null, number | null] {
  values.sort((a, b) => a - b);
  const last = values.length - 1;
  return [values[Math.floor(last * tail)] ?? null, values[Math.ceil(last * (1 - tail))] ?? null];
}

/** Bounds with some air, unless they are fixed. */
export function axisRange(
  min: number | null,
  max: number | null,
  low?: number,
  high?: number,
): [number, number] {
  const [a, b] = [min ?? 0, max ?? 1];
  // A difference in the last digits only is rounding, not a change.
  const span = b - a > 1e-9 * Math.abs(b) ? b - a : Math.abs(a) || 1;
  const air = span * 0.06;
  return [low ?? a - air, high ?? b + air];
}
