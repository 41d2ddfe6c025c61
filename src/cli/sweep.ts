/** `sweep`: the use case with a table of its runs, or through a queue, or as a scheduler's job. */

import { shortPath } from "../app/run-folder.ts";
import {
  chosenPoints,
  concludeSweep,
  plannedRows,
  readSweepFile,
  type SweepFile,
  type SweepResult,
  sweep,
} from "../app/sweep/sweep.ts";
import { makeFolder } from "../base/folders.node.ts";
import { runsTable } from "../narration/sweep-tables.ts";
import { EXIT, type Invocation } from "./command.ts";
import { watchInterrupts } from "./interrupt.ts";
import { narrate, narrateRuns } from "./narrate.ts";
import type { Output } from "./output.ts";
import { emitSweep } from "./sweep-emit.ts";
import { exitOfPoints } from "./sweep-exit.ts";
import { checkSweepOptions } from "./sweep-options.ts";
import { endDespiteConnections, queueUrl, sweepThroughQueue } from "./sweep-queue.ts";

/** Make the runs of a sweep. @returns the exit code: 0 all done, 2 a point was refused, 130 interrupted, 1 a point kept crashing */
export async function sweepFrom(invocation: Invocation): Promise<number> {
  const { args, options, output } = invocation;
  checkSweepOptions(options);
  const file = await readSweepFile(args[0]!, options.text("out"));
  const { folder, points, text } = file;
  const jobs = options.number("jobs", { whole: true, min: 1, max: 1024 }) ?? 1;
  const retries = options.number("retries", { whole: true, min: 0 }) ?? 3;

  if (options.text("emit") !== undefined) return emitSweep(invocation, { text, points, jobs, folder });
  if (options.flag("plan")) {
    const rows = await plannedRows(file);
    output.result(runsTable(rows), { folder, points: rows });
    return EXIT.done;
  }
  const only = options.number("only", { whole: true, min: 0, max: points.length - 1 });
  const url = queueUrl(options);
  if (url !== undefined) return throughQueue(invocation, file, { url, retries, only });
  const interrupts = watchInterrupts(output);
  const told = narrateRuns(output);
  try {
    const command = [process.execPath, process.argv[1]!];
    const asked = { jobs, retries, only, command };
    const result = await sweep(file, asked, { report: told.report, signal: interrupts.signal });
    const code = conclude(output, result);
    return interrupts.signal.aborted ? EXIT.interrupted : code;
  } finally {
    told.close();
    interrupts.dispose();
  }
}

/** How a sweep goes through a queue. */
interface Queued {
  readonly url: string;
  readonly retries: number;
  readonly only: number | undefined;
}

async function throughQueue(
  invocation: Invocation,
  file: SweepFile,
  { url, retries, only }: Queued,
): Promise<number> {
  const { output } = invocation;
  const { folder } = file;
  await makeFolder(folder);
  try {
    const queued = { url, points: chosenPoints(file, only), folder, retries };
    const { states, interrupted } = await sweepThroughQueue(invocation, queued);
    const code = conclude(output, await concludeSweep(file, only, states, { report: narrate(output) }));
    return interrupted ? EXIT.interrupted : code;
  } finally {
    endDespiteConnections();
  }
}

/** @returns the exit code */
function conclude(output: Output, { document, states }: SweepResult): number {
  output.result(document.files.map((file) => `made    ${shortPath(file)}`).join("\n"), document);
  return exitOfPoints(states.values()) || (document.unwritten === undefined ? EXIT.done : EXIT.userError);
}
