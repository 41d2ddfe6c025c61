/** `studio --snapshot` as a function. */
import { type SnapshotOptions, type SnapshotResult, saveSnapshot } from "../app/snapshot.ts";
import { INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";

/** What is saved, and where. */
export interface SnapshotCall extends SnapshotOptions, Interruptible {}

const KINDS: kind.Kinds<SnapshotCall> = {
  runs: kind.text,
  out: kind.text,
  grids: kind.whole(1),
  inside: kind.truth,
  ...INTERRUPTIBLE,
};

/**
 * Save the studio's page over some runs as one HTML file, as `quarterturn studio --snapshot` does.
 * @throws UserError for an unknown option, a folder without runs, and a place that cannot be
 * written; the signal's reason when it aborts
 * @example One file that shows all runs of a folder, for somebody without this program
 * ```ts
 * import { snapshot } from "quarterturn";
 *
 * const { file, runs } = await snapshot({ runs: "runs", out: "runs.html", grids: 4 });
 * console.log(runs.length, "runs are in", file);
 * ```
 */
export async function snapshot(call: SnapshotCall): Promise<SnapshotResult> {
  kind.checkCall<SnapshotCall>("snapshot", call, KINDS);
  kind.checkWord("snapshot", "out", "the path of an HTML file", call.out, 'snapshot({ out: "runs.html" })');
  return working(call, saveSnapshot);
}
