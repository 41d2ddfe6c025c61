/** The record of a run and the control over it, opened for going on after a step. */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { openControl } from "./control.node.ts";
import type { Change, Control } from "./control.ts";
import type { RecordLine } from "./events.ts";
import { errorCode } from "./files.node.ts";
import { cutMetrics, type MetricsWriter, openMetrics, readMetrics } from "./metrics.node.ts";
import type { RunFolder } from "./run-folder.node.ts";

/** What a run goes on with. */
export interface ContinuedRecord {
  /** The lines up to the step. */
  readonly lines: readonly RecordLine[];
  readonly metrics: MetricsWriter;
  readonly control: Control;
  /** What the user should be told. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/**
 * Cut the record of `run` back to `step` (-1: to nothing) and open it; a fork begins with its parent's record up to there.
 * @param changes that were made in the run before, of `readChanges`
 */
export async function continueRecord(
  run: RunFolder,
  step: number,
  changes: readonly Change[],
): Promise<ContinuedRecord> {
  const path = join(run.dir, "metrics.jsonl");
  if (run.parent !== undefined)
    await copyFile(join(run.parent, "metrics.jsonl"), path).catch((error: unknown) => {
      if (errorCode(error) !== "ENOENT") throw error;
    });
  cutMetrics(path, step);
  const { lines } = await readMetrics(path);
  const control = await openControl(run.dir, changes, lines);
  const metrics = openMetrics(path);
  const notes =
    run.kind === "forked" && lines.some((line) => line.kind === "change")
      ? [
          "Values were changed while the parent was training; a fork goes on with its own configuration: --set gives it others.",
        ]
      : [];
  return {
    ...{ lines, metrics, control, notes },
    async close() {
      metrics.close();
      await control.close();
    },
  };
}
