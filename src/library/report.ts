/** `report` as a function. */
import { type ReportOptions, type ReportResult, writeRunReport } from "../app/report.ts";
import { ENGINE, INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";

/** What the page has, and where it goes. */
export interface ReportCall extends Omit<ReportOptions, "runs">, Interruptible {}

const KINDS: kind.Kinds<ReportCall> = {
  out: kind.text,
  walk: kind.truth,
  nearest: kind.truth,
  best: kind.truth,
  ...ENGINE,
  ...INTERRUPTIBLE,
};

/**
 * Write a page on one run, or on several compared, as `quarterturn report` does.
 * @param runs a run folder, or a list of them
 * @throws UserError for an unknown option, folders that are no runs, and a place that cannot be
 * written; the signal's reason when it aborts
 * @example A page without the walk through latent space, for which the generator would have to run
 * ```ts
 * import { report } from "quarterturn";
 *
 * const { file, bytes } = await report("runs/first", { walk: false });
 * console.log(bytes, "bytes are in", file);
 * ```
 */
export async function report(runs: string | readonly string[], call: ReportCall = {}): Promise<ReportResult> {
  const folders = typeof runs === "string" ? [runs] : runs;
  if (!Array.isArray(folders) || folders.length === 0) kind.checkRun("report", undefined);
  for (const run of folders) kind.checkRun("report", run);
  kind.checkCall<ReportCall>("report", call, KINDS);
  return working(call, (options, context) => writeRunReport({ ...options, runs: folders }, context));
}
