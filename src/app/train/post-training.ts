/**
 * What is made of a run once it has all its steps, beyond the checkpoint: exports, reports. A new
 * one is a line in `FINISHERS`. The engine still holds the final state (`generator/parameters`,
 * `generator/ema`, `generator/buffers`, …).
 */
import { exportFinished } from "./export-finished.ts";
import type { FinishedRun, Made } from "./finished-run.ts";

/** Makes something of a finished run. */
export type Finisher = (run: FinishedRun) => Promise<readonly Made[]>;

/** All of them, in the order in which they are run. */
export const FINISHERS: readonly Finisher[] = [exportFinished];

/** Run them all. @returns every file written */
export async function finishRun(run: FinishedRun): Promise<Made[]> {
  const files: Made[] = [];
  for (const finisher of FINISHERS) files.push(...(await finisher(run)));
  return files;
}
