/** `compare`: the use case, printed. */
import { type CompareOptions, compare, LARGEST_SIDE } from "../../app/compare.ts";
import { evaluationAdvice } from "../../metrics/advice.ts";
import { evaluationLines } from "../../narration/evaluation-report.ts";
import type { Invocation } from "../command.ts";
import { readMeasurement, readSplit } from "../options/evaluation-options.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { contextOf } from "../terminal/narrate.ts";

const WORDS = {
  stopping: "Stopping… Press Ctrl-C again to quit at once.",
  stopped: "Stopped; nothing was compared.",
};

/**
 * Compare two sets of images, as `compare` asks.
 * @returns the exit code.
 * @throws UserError for everything a user can put right
 */
export const compareFrom = (invocation: Invocation): Promise<number> =>
  interruptible(invocation.output, WORDS, async (signal) => {
    const { output } = invocation;
    const outcome = await compare(readCompareOptions(invocation), contextOf(output, signal));
    output.result([...evaluationLines(outcome), ...evaluationAdvice(outcome)].join("\n"), outcome);
  });

function readCompareOptions({ args: [a = "", b = ""], options }: Invocation): CompareOptions {
  const native = options.text("resolution") === "native";
  return {
    ...{ a, b, ...readMeasurement(options) },
    splitA: readSplit(options, "split-a", "all"),
    splitB: readSplit(options, "split-b", "all"),
    resolution: native ? "native" : options.number("resolution", { whole: true, min: 1, max: LARGEST_SIDE }),
  };
}
