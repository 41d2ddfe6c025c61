/** The last words of `train`. */
import { formatCount, formatDuration } from "../../../base/text/format/index.ts";
import { shellWord } from "../../../base/text/shell.ts";
import { calledAs } from "../../called-as.ts";

/** One sentence on how a run ended, and what can be done with it then. */
export function describeEnd(
  reason: string,
  step: number,
  steps: number,
  seconds: number,
  folder: string,
  best?: string,
  call = calledAs(),
): string {
  const done = `${formatCount(step)} of ${formatCount(steps)} steps`;
  return reason === "finished"
    ? `Done: ${done}, in ${formatDuration(seconds)} this time. Everything is in ${folder}.${best === undefined ? "" : ` Best was ${best}.`}\n${nextSteps(call, folder)}`
    : `Stopped after ${done}; everything is saved in ${folder}. The same command continues.`;
}

/**
 * What can be done with a finished run, as commands to be pasted.
 * @param call the words before a command
 */
const nextSteps = (call: string, folder: string): string =>
  `Next: ${["studio", "sample", "report", "export"].map((command) => `${call} ${command} ${shellWord(folder)}`).join(" · ")}`;
