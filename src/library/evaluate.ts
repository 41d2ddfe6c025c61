/** `evaluate` as a function. */
import { type EvaluationOutcome, evaluateUntil } from "../cli/evaluate.ts";
import * as kind from "./check.ts";
import { givenOptions } from "./options.ts";
import { type Listeners, quietOutput } from "./output.ts";

/** How to measure; what is left out is as the protocol says. */
export interface EvaluateCall extends Listeners {
  /** Whose way of measuring (docs/metrics.md); `paper` unless given. */
  readonly protocol?: string;
  /** Names of metrics; fid, kid and prdc unless given. */
  readonly metrics?: readonly string[];
  /** A feature network's name, or an ONNX file that maps images to vectors. */
  readonly features?: string;
  readonly samples?: number;
  readonly repeats?: number;
  /** Which checkpoint: that of a step, the one measured best in training, every one; the newest unless given. */
  readonly step?: number;
  readonly best?: boolean;
  readonly allCheckpoints?: boolean;
  readonly ema?: boolean;
  /** Reference images; the run's own unless given. */
  readonly data?: string;
  readonly split?: "train" | "test" | "all";
  readonly device?: string;
  readonly threads?: number;
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
 * Measure a trained generator as `quarterturn evaluate` does; the measurements are also added to the run's `evaluations.jsonl`.
 * @param run a run folder
 * @throws UserError for an unknown option, unknown names, a missing checkpoint or missing reference images
 */
export async function evaluate(run: string, call: EvaluateCall = {}): Promise<EvaluationOutcome> {
  kind.checkRun("evaluate", run);
  kind.checkCall<EvaluateCall>("evaluate", call, KINDS);
  const { onLine, onWarning, metrics, signal, ...rest } = call;
  const output = quietOutput({ onLine, onWarning });
  const options = givenOptions({ ...rest, metrics: metrics?.join(",") });
  return evaluateUntil(signal ?? new AbortController().signal, { args: [run], options, output });
}
