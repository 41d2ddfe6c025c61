/** From a precision that somebody asked for to the one that is computed with. */
import type { Precision } from "../engine.ts";

/** A precision, after `auto` was resolved. */
export type RealPrecision = Exclude<Precision, "auto">;

/**
 * `auto` is float32: what bfloat16 does to trained networks has not been measured widely enough.
 */
export const resolvePrecision = (precision: Precision = "auto"): RealPrecision =>
  precision === "auto" ? "float32" : precision;
