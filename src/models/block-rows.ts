/**
 * Rows of the tables that residual networks are written as: a block and what it does to the map.
 */
import type { Resampling } from "../nn/residual-block.ts";

/** A block in a table. */
export interface BlockRow {
  /** Channels it gives. */
  readonly channels: number;
  readonly resample: Resampling;
}

/** A block that doubles the map. */
export const up = (channels: number): BlockRow => ({ channels, resample: "up" });
/** A block that halves the map. */
export const down = (channels: number): BlockRow => ({ channels, resample: "down" });
/** A block that keeps the size of the map. */
export const same = (channels: number): BlockRow => ({ channels, resample: "none" });
/** `count` equal rows. */
export const times = (count: number, row: BlockRow): BlockRow[] => Array<BlockRow>(count).fill(row);
