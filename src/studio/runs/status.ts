/** Where a run is: from its record, its lock, and what its training says of itself. */

import { recentQuantities } from "../../base/quantities.ts";
import { readControlState } from "../../training/loop/control/control.node.ts";
import { paceOf } from "../../training/loop/pace.ts";
import { readRunProgress } from "../../training/run/folder/run-state.node.ts";
import type { RunStatus } from "../protocol.ts";
import type { RunIndex } from "./run-index.ts";

/**
 * The state of a run, its latest quantities and its pace.
 * @param steps the run is to have in all
 */
export async function statusOf(
  dir: string,
  index: RunIndex,
  steps: number,
  now = Date.now(),
): Promise<RunStatus> {
  const progress = await readRunProgress(dir, steps, { step: index.lastStep, ended: index.ended });
  const alive = progress.state === "running" || progress.state === "paused";
  const control = alive ? await readControlState(dir) : undefined;
  return {
    ...progress,
    quantities: recentQuantities(index.recent),
    ...(alive && paceOf(index.latest, steps, now)),
    ...(control && { control }),
  };
}
