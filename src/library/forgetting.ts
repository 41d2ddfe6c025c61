/** `forgetting` as a function. */
import { type ForgettingOptions, type ForgettingOutcome, studyForgetting } from "../app/forgetting.ts";
import { ENGINE, INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";

/** The study; the paper's where nothing else is given. */
export interface ForgettingCall extends Omit<ForgettingOptions, "data">, Interruptible {}

const KINDS: kind.Kinds<ForgettingCall> = {
  out: kind.text,
  seed: kind.whole(0),
  width: kind.whole(4, 2048),
  iterations: kind.whole(1),
  cycles: kind.whole(1),
  batch: kind.whole(4),
  evaluateEvery: kind.whole(1),
  evaluateAfter: kind.wholes(1),
  testImages: kind.whole(1),
  rotatedBatch: kind.whole(4),
  beta: kind.between(0, Number.MAX_VALUE),
  learningRate: kind.between(0, Number.MAX_VALUE),
  momentum: kind.between(0, 0.999),
  labelRotated: kind.truth,
  freshHead: kind.truth,
  naturalBalance: kind.truth,
  spectralNorm: kind.truth,
  readOut: kind.truth,
  ...ENGINE,
  ...INTERRUPTIBLE,
};

/**
 * How much a classifier forgets whose task keeps changing (figure 3 of the paper), as
 * `quarterturn forgetting` studies it. Aborting saves; the same call goes on.
 * @param data labeled images: a folder of class folders, `cifar10:PATH`, …
 * @throws UserError for an unknown option, and images without labels
 * @example A study of seconds, which shows how it is called and nothing about forgetting
 * ```ts
 * import { forgetting } from "quarterturn";
 *
 * const { finished, results } = await forgetting("labeled", {
 *   out: "studies/short",
 *   width: 8,
 *   batch: 8,
 *   iterations: 4,
 *   cycles: 1,
 *   evaluateEvery: 4,
 *   evaluateAfter: [1],
 *   testImages: 4,
 * });
 * console.log(finished, results.map(({ variant }) => variant).join(", "));
 * ```
 */
export async function forgetting(data: string, call: ForgettingCall = {}): Promise<ForgettingOutcome> {
  kind.checkWord("forgetting", "data", "the path of labeled images", data, 'forgetting("cifar10:PATH")');
  kind.checkCall<ForgettingCall>("forgetting", call, KINDS);
  return working(call, (options, context) => studyForgetting({ ...options, data }, context));
}
