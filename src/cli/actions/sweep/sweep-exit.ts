/** The exit code of a command that trains many runs, here or through a queue. */
import type { PointOutcome } from "../../../app/sweep/sweep.ts";
import { EXIT } from "../../command.ts";

/**
 * The exit code of a sweep.
 * @returns 1 when a run kept crashing, 2 when one was refused (and none crashed), else 0
 */
export function exitOfPoints(outcomes: Iterable<PointOutcome>): number {
  const failed = [...outcomes].filter(({ kind }) => kind === "failed");
  if (failed.length === 0) return EXIT.done;
  return failed.every(({ mistake }) => mistake) ? EXIT.userError : EXIT.bug;
}
