/** What a line of a chart is worth, where the cursor is or now. */
import type { NumberFormat } from "../../src/base/text/format/index.ts";
import { isSmoothed, type Line, latest } from "./chart.ts";
import { COLUMNS } from "./range.ts";

/** The number of a line as text. */
export interface LineReading {
  readonly value: string;
  /** The smoothed value, where that is what is drawn. */
  readonly smoothed: string | undefined;
}

/** The table that `chartData` makes: a column of places, then `COLUMNS` for each line. */
type Table = readonly (ArrayLike<number | null | undefined> | undefined)[];

/**
 * What a line is worth where the cursor is.
 * @param index of the line in the table
 * @param cursor index of the place; null: now
 */
export function readLine(
  line: Line,
  index: number,
  table: Table,
  { smoothing, cursor, format }: { smoothing: number; cursor: number | null; format: NumberFormat },
): LineReading {
  const column = (offset: number) => {
    const all = table[offset + index * COLUMNS] ?? [];
    return latest(all, cursor === null ? all.length : cursor + 1);
  };
  const smoothed = isSmoothed(line, smoothing);
  const value = cursor === null && line.now ? line.now.value : column(smoothed ? 2 : 1);
  const drawn = smoothed ? column(1) : undefined;
  return {
    value: value === undefined ? "–" : format(value),
    smoothed: drawn === undefined ? undefined : `~${format(drawn)}`,
  };
}
