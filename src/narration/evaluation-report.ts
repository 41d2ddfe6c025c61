/**
 * What is said of an evaluation: its progress, and every number with what it depends on beside it.
 */

import { formatDuration } from "../base/text/format/index.ts";
import { readingOrder } from "../metrics/advice.ts";
import { describedMetrics, protocolSentence } from "../metrics/describe.ts";
import type { Evaluation, EvaluationProgress } from "../metrics/evaluate.ts";
import type { Teller } from "./progress.ts";
import { textTable } from "./table.ts";

/** How often progress is printed where a line cannot be redrawn, in milliseconds. */
const PLAIN_LINE_EVERY = 10_000;

/** A listener that shows progress; plain lines now and then where none can be redrawn. */
export function evaluationProgress(
  output: Teller,
  now: () => number = () => performance.now(),
): (progress: EvaluationProgress) => void {
  let lineAt = now();
  let phase = "";
  let begunAt = now();
  return ({ what, share, repeat, repeats }) => {
    if (phase !== `${what} ${repeat}`) {
      phase = `${what} ${repeat}`;
      begunAt = now();
    }
    const left = timeLeft(now() - begunAt, share);
    const bar = "█".repeat(Math.round(share * 20)).padEnd(20, "░");
    const part = repeats > 1 ? ` (${repeat + 1} of ${repeats})` : "";
    output.status(`${what}${part} ${bar} ${Math.floor(share * 100)}%${left}`.slice(0, output.columns));
    if (output.interactive || now() - lineAt < PLAIN_LINE_EVERY) return;
    lineAt = now();
    output.line(`${what}${part}: ${Math.floor(share * 100)}%${left}`);
  };
}

/**
 * What is left of a phase by its pace so far; nothing while there is too little to go by.
 * @param spent milliseconds
 */
function timeLeft(spent: number, share: number): string {
  if (spent < 2000 || share < 0.02 || share >= 1) return "";
  return `, about ${formatDuration((spent * (1 - share)) / share / 1000)} left`;
}

/**
 * One line a number, then once what all of them depend on; of few images those lead that mean
 * something.
 */
export function evaluationLines(evaluation: Evaluation): string[] {
  const rows = readingOrder(describedMetrics(evaluation), evaluation).map(({ title, value }) => [
    title,
    value,
  ]);
  return rows.length === 0 ? [] : [...textTable(rows, 0).split("\n"), protocolSentence(evaluation)];
}
