/** How fast a run goes, by its latest steps. */
import { median } from "../../base/math/statistics.ts";

/** Seconds; what is not known is missing. */
export interface Pace {
  readonly secondsPerStep?: number;
  readonly secondsLeft?: number;
}

/**
 * A measurement takes time; a run that has not moved for this many steps' worth of it has no honest
 * end time.
 */
const PATIENCE = 20;

/**
 * Time a step takes, by the latest ones, and the time that is left at it; nothing before there are
 * two. From the end of one step to that of the next: sampling and saving count, as they do for the
 * time that is left.
 */
export function paceOf(
  latest: readonly (readonly [step: number, time: number])[],
  steps: number,
  now: number,
): Pace {
  const [first, last] = [latest[0], latest.at(-1)];
  if (!first || !last || last[0] <= first[0]) return {};
  // The middle one of the gaps: a pause or a measurement among them says nothing about the rest.
  const gaps = latest.slice(1).map(([, time], i) => (time - latest[i]![1]) / 1000);
  const middle = median(gaps)!;
  const mean = (last[1] - first[1]) / 1000 / (last[0] - first[0]);
  const secondsPerStep = mean > 3 * middle ? middle : mean;
  const idle = (now - last[1]) / 1000 > Math.max(60, PATIENCE * secondsPerStep);
  return {
    secondsPerStep,
    ...(!idle && { secondsLeft: Math.max(0, steps - last[0]) * secondsPerStep }),
  };
}
