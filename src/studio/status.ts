/** Where a run is: from its record, its lock, and what its training says of itself. */

import { recentQuantities } from "../base/quantities.ts";
import { median } from "../base/statistics.ts";
import { readControlState } from "../training/control.node.ts";
import { readStanding } from "../training/run-state.node.ts";
import type { RunStatus } from "./protocol.ts";
import type { RunIndex } from "./run-index.ts";

/** A measurement takes time; a run that has not moved for this many steps' worth of it has no honest end time. */
const PATIENCE = 20;

/** @param steps the run is to have in all */
export async function statusOf(
  dir: string,
  index: RunIndex,
  steps: number,
  now = Date.now(),
): Promise<RunStatus> {
  const standing = await readStanding(dir, steps, { step: index.lastStep, ended: index.ended });
  const alive = standing.state === "running" || standing.state === "paused";
  const control = alive ? await readControlState(dir) : undefined;
  return {
    ...standing,
    quantities: recentQuantities(index.recent),
    ...(alive && paceOf(index.latest, steps, now)),
    ...(control && { control }),
  };
}

/**
 * Time a step takes, by the latest ones, and the time that is left at it; nothing before there are two. From the end of one step to that of the next:
 * sampling and saving count, as they do for the time that is left.
 */
export function paceOf(
  latest: readonly (readonly [step: number, time: number])[],
  steps: number,
  now: number,
): Pick<RunStatus, "secondsLeft" | "secondsPerStep"> {
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
