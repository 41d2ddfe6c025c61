/** `evaluate` as a function. */
import {
  type EvaluateOptions,
  type EvaluationOutcome,
  evaluate as evaluateWith,
} from "../app/evaluate/evaluate.ts";
import * as kind from "./check.ts";
import { contextOf, type Listeners } from "./listeners.ts";
import { forProgram } from "./program-words.ts";

/** How to measure; what is left out is as the protocol says. */
export interface EvaluateCall extends Omit<EvaluateOptions, "run">, Listeners {
  /** Aborting ends it with the signal's reason; checkpoints measured by then are in the record. */
  readonly signal?: AbortSignal;
}

const KINDS: kind.Kinds<EvaluateCall> = {
  protocol: kind.text,
  metrics: kind.texts,
  features: kind.text,
  samples: kind.whole(0),
  repeats: kind.whole(1, 100),
  step: kind.whole(1),
  best: kind.truth,
  allCheckpoints: kind.truth,
  ema: kind.truth,
  data: kind.text,
  split: kind.oneOf("train", "test", "all"),
  device: kind.text,
  threads: kind.whole(0),
  signal: kind.abortSignal,
  onLine: kind.callback,
  onWarning: kind.callback,
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
  const { onLine, onWarning, signal, ...options } = call;
  return forProgram(evaluateWith({ ...options, run }, contextOf({ onLine, onWarning }, signal)));
}
