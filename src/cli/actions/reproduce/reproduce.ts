/** `reproduce`: the use case with a table of its runs, or its plan, printed. */
import { type KeptResult, type Reproduction, reproduce } from "../../../app/reproduce/reproduce.ts";
import type { ReproduceRequest } from "../../../app/reproduce/request.ts";
import { shortPath } from "../../../app/support/run-folder.ts";
import { reportMarkdown } from "../../../studies/reproduce/markdown.ts";
import { EXIT, type Invocation } from "../../command.ts";
import { interruptible } from "../../terminal/interruptible.ts";
import { narrateRuns } from "../../terminal/narrate.ts";
import { exitOfPoints } from "../sweep/sweep-exit.ts";
import { printPlan } from "./plan.ts";
import { readReproduceRequest } from "./request.ts";

/**
 * Carry out `reproduce`, and print what was found.
 * @returns the exit code: 0 all is there, 2 a run was refused or diverged, 130 interrupted, 1 a run
 * kept crashing
 */
export async function reproduceFrom(invocation: Invocation): Promise<number> {
  const { output, options } = invocation;
  const request = readReproduceRequest(invocation);
  const words = {
    stopped: "Stopped; the same command goes on.",
    document: { complete: false, reason: "interrupted" },
  };
  return interruptible(output, words, async (signal) => {
    if (options.flag("dry-run")) return printPlan(request, output, signal);
    const readOnly = options.flag("report") === true;
    const mode = { readOnly, command: [process.execPath, process.argv[1]!] };
    const told = narrateRuns(output);
    try {
      const result = await reproduce(request, mode, { report: told.report, signal });
      output.result(describe(result), documentOf(result));
      return exitOf(request, result, readOnly, signal);
    } finally {
      told.close();
    }
  });
}

function exitOf(
  { experiment }: ReproduceRequest,
  { report, states, unwritten }: Reproduction,
  readOnly: boolean,
  signal: AbortSignal,
): number {
  if (experiment.kind === "online" && unwritten === undefined)
    return report.complete || readOnly ? EXIT.done : EXIT.interrupted;
  if (experiment.kind === "runs" && signal.aborted) return EXIT.interrupted;
  return exitOfPoints(states.values()) || (unwritten === undefined ? EXIT.done : EXIT.userError);
}

/** The files; where an earlier result was kept, what came out instead. */
const describe = ({ report, files, kept }: Reproduction): string =>
  kept === undefined
    ? files.map((file) => `made    ${shortPath(file)}`).join("\n")
    : `${reportMarkdown(report)}\n\n${whyKept(kept)}`;

const whyKept = ({ folder, study, lost }: KeptResult): string =>
  `Not written: ${shortPath(folder)} holds a result of ${
    study === "same" ? "the same runs" : study
  } that has more in it (${lost}). It is left as it is until this one has as much: the same command goes on.`;

const documentOf = ({ report, files, unwritten }: Reproduction) => ({
  ...{ ...report, charts: undefined, files },
  ...(unwritten !== undefined && { unwritten }),
});
