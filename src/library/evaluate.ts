/** `evaluate` as a function. */
import {
  type EvaluateOptions,
  type EvaluationOutcome,
  evaluate as evaluateWith,
} from "../app/evaluate/evaluate.ts";
import {
  CHECKPOINT,
  ENGINE,
  INTERRUPTIBLE,
  type Interruptible,
  MEASUREMENT,
  working,
} from "./support/call.ts";
import * as kind from "./support/check.ts";

/**
 * How to measure; what is left out is as the protocol says. Aborting ends it with the signal's
 * reason; checkpoints measured by then are in the record.
 */
export interface EvaluateCall extends Omit<EvaluateOptions, "run">, Interruptible {}

const KINDS: kind.Kinds<EvaluateCall> = {
  ...MEASUREMENT,
  ...CHECKPOINT,
  step: kind.whole(1),
  allCheckpoints: kind.truth,
  ema: kind.truth,
  data: kind.text,
  split: kind.oneOf("train", "test", "all"),
  ...ENGINE,
  ...INTERRUPTIBLE,
};

/**
 * Measure a trained generator as `quarterturn evaluate` does; the measurements are also added to
 * the run's `evaluations.jsonl`.
 * @param run a run folder
 * @throws UserError for an unknown option, unknown names, a missing checkpoint or missing reference
 * images
 * @example FID with the features that come with the package
 * ```ts
 * import { evaluate } from "quarterturn";
 *
 * const { evaluations } = await evaluate("runs/first", {
 *   metrics: ["fid"],
 *   samples: 64,
 *   repeats: 1,
 *   split: "all",
 * });
 * for (const { step, features, metrics } of evaluations)
 *   console.log(step, features.name, metrics.fid?.mean);
 * ```
 */
export async function evaluate(run: string, call: EvaluateCall = {}): Promise<EvaluationOutcome> {
  kind.checkRun("evaluate", run);
  kind.checkCall<EvaluateCall>("evaluate", call, KINDS);
  return working(call, (options, context) => evaluateWith({ ...options, run }, context));
}
