/** `train` as a function. */

import type { TrainOptions } from "../app/train/options.ts";
import { type TrainOutcome, train as trainWith } from "../app/train/train.ts";
import { option } from "../base/option-names.ts";
import { parseSetting } from "../training/config/resolve.ts";
import type { TrainEvent } from "../training/events.ts";
import * as kind from "./support/check.ts";
import { contextOf, type Listeners } from "./support/listeners.ts";
import { forProgram } from "./support/program-words.ts";

/** What to train, and who is told. */
export interface TrainCall extends TrainOptions, Listeners {
  /** Aborting finishes the step under way, saves, and ends with `interrupted`. */
  readonly signal?: AbortSignal;
  /** Told of every step, sample grid, measurement and checkpoint, in order; awaited. */
  readonly onEvent?: (event: TrainEvent) => void | Promise<void>;
}

const KINDS: kind.Kinds<TrainCall> = {
  data: kind.text,
  preset: kind.text,
  set: kind.values,
  steps: kind.whole(1),
  time: kind.text,
  resolution: kind.wholeOrAuto(1),
  width: kind.wholeOrAuto(1),
  init: kind.text,
  seed: kind.whole(0),
  run: kind.text,
  rescue: kind.truth,
  evaluateEvery: kind.wholeOrAuto(0),
  probeEvery: kind.whole(0),
  mode: kind.oneOf("new", "fork"),
  from: kind.whole(1),
  device: kind.text,
  threads: kind.whole(0),
  tfevents: kind.truth,
  signal: kind.abortSignal,
  onEvent: kind.callback,
  onLine: kind.callback,
  onWarning: kind.callback,
};

/**
 * Train a GAN, or go on training one, as `quarterturn train` does: the same run folders,
 * checkpoints and record.
 * @throws UserError for what the caller can put right: an unknown option, no images,
 * contradictory values, a run with another configuration
 * @example A few steps of small networks on a folder of pictures
 * ```ts
 * import { train } from "quarterturn";
 *
 * const { run, step } = await train({
 *   data: "pictures",
 *   run: "runs/first",
 *   steps: 8,
 *   set: {
 *     "data.resolution": 16,
 *     "data.split": "all",
 *     "generator.width": 8,
 *     "discriminator.width": 8,
 *     "training.batchSize": 8,
 *     "objective.rotatedBatch": 8,
 *   },
 *   onEvent: (event) => {
 *     if (event.kind === "step") console.log(event.step, event.discriminator.loss);
 *   },
 * });
 * console.log(`${step} steps are in ${run}`);
 * ```
 */
export async function train(call: TrainCall = {}): Promise<TrainOutcome> {
  kind.checkCall<TrainCall>("train", call, KINDS);
  const { signal, onEvent, onLine, onWarning, ...options } = call;
  return forProgram(
    trainWith({ ...options, set: valuesOf(call.set) }, contextOf({ onLine, onWarning }, signal, onEvent)),
  );
}

/**
 * Texts are read as the command line reads them, so that both take the same ones.
 * @throws UserError for an unknown path
 */
const valuesOf = (set: TrainCall["set"] = {}): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(set).map(([path, value]) => [
      path,
      typeof value === "string" ? parseSetting(path, value, () => option("set")).value : value,
    ]),
  );
