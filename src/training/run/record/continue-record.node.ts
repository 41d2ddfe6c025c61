/** The record of a run and the control over it, opened for going on after a step. */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { cutMetrics, type MetricsWriter, openMetrics, readMetrics } from "../../evaluation/metrics.node.ts";
import type { RecordLine } from "../../events.ts";
import type { Change } from "../../loop/control/adjustable.ts";
import { openControl } from "../../loop/control/control.node.ts";
import type { Control } from "../../loop/control/control.ts";
import { openOwn } from "../folder/own-files.node.ts";
import type { RunFolder } from "../folder/run-folder.node.ts";

/** The record of another run, if it has one: a file of its own, and a regular one. */
async function copyRecord(from: string, to: string): Promise<void> {
  const file = await openOwn(join(from, "metrics.jsonl"));
  if (!file) return;
  await file.close();
  await copyFile(join(from, "metrics.jsonl"), to);
}

/** Of the steps, which fill the memory in a long run, only the time they took is wanted. */
const LATER_READ = ["sample", "evaluation", "probe", "change"] as const;

/** What a run goes on with. */
export interface ContinuedRecord {
  /** Grids, measurements, probes and changes up to the step. */
  readonly lines: readonly RecordLine[];
  /** Seconds that the updates up to the step took. */
  readonly updateSeconds: number;
  readonly metrics: MetricsWriter;
  readonly control: Control;
  /** What the user should be told. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/**
 * Cut the record of `run` back to `step` (-1: to nothing) and open it; a fork begins with its
 * parent's record up to there.
 * @param changes that were made in the run before, of `readChanges`
 */
export async function continueRecord(
  run: RunFolder,
  step: number,
  changes: readonly Change[],
): Promise<ContinuedRecord> {
  const path = join(run.dir, "metrics.jsonl");
  if (run.parent !== undefined) await copyRecord(run.parent, path);
  await cutMetrics(path, step);
  let updateSeconds = 0;
  const { lines } = await readMetrics(path, LATER_READ, (line) => {
    if (line.kind === "step") updateSeconds += line.stepSeconds;
  });
  const control = await openControl(run.dir, changes, lines);
  const metrics = openMetrics(path);
  const notes =
    run.kind === "forked" && lines.some((line) => line.kind === "change")
      ? [
          "Values were changed while the parent was training; a fork goes on with its own configuration: --set gives it others.",
        ]
      : [];
  return {
    ...{ lines, updateSeconds, metrics, control, notes },
    async close() {
      metrics.close();
      await control.close();
    },
  };
}
