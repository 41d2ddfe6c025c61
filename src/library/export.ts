/** `export` as a function. */
import { type ExportResult, exportRun as exportWith } from "../app/export/export.ts";
import type { ExportOptions } from "../app/export/request.ts";
import { CHECKPOINT, ENGINE, INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";

/**
 * What of the run is handed over, and where to. Aborting ends it; files written by then are whole.
 */
export interface ExportCall extends Omit<ExportOptions, "run">, Interruptible {}

const KINDS: kind.Kinds<ExportCall> = {
  only: kind.texts,
  out: kind.text,
  maps: kind.truth,
  license: kind.text,
  ema: kind.truth,
  ...CHECKPOINT,
  step: kind.whole(1),
  ...ENGINE,
  ...INTERRUPTIBLE,
};

/**
 * Write a trained run as files that other programs can use, as `quarterturn export` does. Each file
 * is loaded again and compared with the trainer's own networks before it gets its name.
 * @param run a run folder
 * @throws UserError for an unknown option or part, a place that cannot hold it, and a missing
 * checkpoint; the signal's reason when it aborts
 * @example The weights of both networks in one file
 * ```ts
 * import { exportRun } from "quarterturn";
 *
 * const { step, files } = await exportRun("runs/first", { only: ["weights"] });
 * for (const { part, bytes } of files) console.log(step, part, bytes);
 * ```
 */
export async function exportRun(run: string, call: ExportCall = {}): Promise<ExportResult> {
  kind.checkRun("exportRun", run);
  kind.checkCall<ExportCall>("exportRun", call, KINDS);
  return working(call, (options, context) => exportWith({ ...options, run }, context));
}
