/** `sweep`: the use case with a table of its runs, or through a queue, or as a scheduler's job. */

import { shortPath } from "../../../app/support/run-folder.ts";
import { sweepThroughQueue } from "../../../app/sweep/queue.ts";
import { plannedRows, readSweepFile, type SweepResult, sweep } from "../../../app/sweep/sweep.ts";
import { runsTable } from "../../../narration/sweep-tables.ts";
import { EXIT, type Invocation } from "../../command.ts";
import { checkSweepOptions } from "../../options/sweep-options.ts";
import { watchInterrupts } from "../../terminal/interrupt.ts";
import { narrateRuns } from "../../terminal/narrate.ts";
import type { Output } from "../../terminal/output.ts";
import { emitSweep } from "./sweep-emit.ts";
import { exitOfPoints } from "./sweep-exit.ts";
import { endDespiteConnections, queueUrl } from "./sweep-queue.ts";

/**
 * Make the runs of a sweep.
 * @returns the exit code: 0 all done, 2 a point was refused, 130 interrupted, 1 a point kept
 * crashing
 */
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
  const queue = queueUrl(options);
  const interrupts = watchInterrupts(output);
  const told = narrateRuns(output);
  const context = { report: told.report, signal: interrupts.signal };
  try {
    const result =
      queue === undefined
        ? await sweep(file, { jobs, retries, only, command: [process.execPath, process.argv[1]!] }, context)
        : await sweepThroughQueue(
            file,
            { queue, queueName: options.text("queue-name"), retries, only },
            context,
          );
    const code = conclude(output, result);
    return interrupts.signal.aborted ? EXIT.interrupted : code;
  } finally {
    told.close();
    interrupts.dispose();
    if (queue !== undefined) endDespiteConnections();
  }
}

/** @returns the exit code */
function conclude(output: Output, { document, states }: SweepResult): number {
  output.result(document.files.map((file) => `made    ${shortPath(file)}`).join("\n"), document);
  return exitOfPoints(states.values()) || (document.unwritten === undefined ? EXIT.done : EXIT.userError);
}
