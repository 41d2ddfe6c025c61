/** How long the rest of a run takes. */
import type { StepEvent } from "../../../src/training/events.ts";

/** Steps over which the speed is averaged. */
const RECENT = 20;

/**
 * How long the rest of a run will take.
 * @param record steps that were made, in their order
 * @param missing steps that are left
 * @returns seconds, by the latest steps; undefined where there is none
 */
export function secondsLeft(record: readonly StepEvent[], missing: number): number | undefined {
  const recent = record.slice(-RECENT).map(({ stepSeconds }) => stepSeconds);
  if (recent.length === 0) return undefined;
  return (recent.reduce((a, b) => a + b) / recent.length) * Math.max(0, missing);
}
