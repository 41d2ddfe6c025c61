/** `evaluate`: the use cases `evaluate` and `findMemorization`, printed. */
import { type EvaluationLine, type EvaluationOutcome, evaluate } from "../../app/evaluate/evaluate.ts";
import { findMemorization, type MemorizationOutcome } from "../../app/evaluate/memorization.ts";
import { shortPath } from "../../app/support/run-folder.ts";
import { formatCount } from "../../base/text/format/index.ts";
import { evaluationAdvice, isSmall } from "../../metrics/advice.ts";
import { memorizationLines } from "../../studies/memorization/memorization.ts";
import type { Invocation } from "../command.ts";
import {
  asksMemorization,
  readEvaluateOptions,
  readMemorizationOptions,
} from "../options/evaluation-options.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { contextOf } from "../terminal/narrate.ts";

const STOPPING = "Stopping… Press Ctrl-C again to quit at once.";

/**
 * Evaluate what the command line names.
 * @returns the exit code.
 * @throws UserError for everything a user can put right
 */
export function evaluateFrom(invocation: Invocation): Promise<number> {
  const { options, output } = invocation;
  if (asksMemorization(options)) {
    const words = { stopping: STOPPING, stopped: "Stopped. Nothing was changed." };
    return interruptible(output, words, async (signal) => {
      const outcome = await findMemorization(readMemorizationOptions(invocation), contextOf(output, signal));
      output.result(memorizationText(outcome), outcome);
    });
  }
  const stopped =
    "Stopped. Checkpoints that were measured to the end are in evaluations.jsonl; nothing else was changed.";
  return interruptible(output, { stopping: STOPPING, stopped }, async (signal) => {
    const outcome = await evaluate(readEvaluateOptions(invocation), contextOf(output, signal));
    output.result(evaluationText(outcome), outcome);
  });
}

function evaluationText({ evaluations, file, written }: EvaluationOutcome): string {
  const place = written ? `added to ${shortPath(file)}` : `not written to ${shortPath(file)}`;
  const advice = evaluationAdvice(evaluations.at(-1)!).join("\n");
  return `${evaluations.length > 1 ? `${summary(evaluations)}\n` : ""}${advice}\n${place}`;
}

/** The main number of every checkpoint, one a line. */
function summary(lines: readonly EvaluationLine[]): string {
  return lines
    .map((line) => {
      const { step, metrics } = line;
      const key = isSmall(line) && metrics.kid ? "kid" : Object.keys(metrics)[0]!;
      const result = metrics[key]!;
      return `step ${formatCount(step)}: ${key} ${result.mean.toPrecision(6)}`;
    })
    .join("\n");
}

function memorizationText({ summary, picture, written }: MemorizationOutcome): string {
  const place = written
    ? `${shortPath(picture)} shows each sample of the run's grid, its nearest training image in features and in pixels, and the percentiles`
    : "not written down";
  return `${memorizationLines(summary).join("\n")}\n${place}`;
}
