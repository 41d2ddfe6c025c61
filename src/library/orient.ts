/** `orient` as functions: images that are not upright. */
import { evaluateOrientation, type OrientationOutcome } from "../app/orient/evaluate.ts";
import {
  type OrientOptions,
  type OrientResult,
  orient as orientWith,
  type RotationHeadOptions,
} from "../app/orient/orient.ts";
import { CHECKPOINT, ENGINE, IMAGES, INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";

/** Which images are looked at. */
export interface EvaluateOrientationCall extends Omit<RotationHeadOptions, "run">, Interruptible {}

/** Which images are looked at, and what is written. Aborting leaves whole the copies there are. */
export interface OrientCall extends Omit<OrientOptions, "run">, Interruptible {}

const EVALUATE: kind.Kinds<EvaluateOrientationCall> = {
  ...IMAGES,
  ...CHECKPOINT,
  ...ENGINE,
  ...INTERRUPTIBLE,
};

const FIND: kind.Kinds<OrientCall> = {
  ...EVALUATE,
  threshold: kind.between(0.25, 1),
  list: kind.text,
  out: kind.text,
  turnedOnly: kind.truth,
};

/**
 * Images that are not upright, by the rotation head of a trained discriminator, as
 * `quarterturn orient` finds them.
 * @example Pictures that the head of a run takes for rotated, and how often it is right
 * ```ts
 * import { orient } from "quarterturn";
 *
 * const { rows } = await orient.find("runs/first", { data: "pictures", threshold: 0.95 });
 * const rotated = rows.filter(({ verdict }) => verdict === "turned");
 * const { accuracy } = await orient.evaluate("runs/first", { data: "pictures", split: "all" });
 * console.log(`${rotated.length} of ${rows.length} are rotated;`, accuracy, "of the turns found");
 * ```
 */
export const orient = {
  /**
   * Look at every image in all four turns; write a list, and upright copies, where they are asked
   * for.
   * @param run a run folder
   * @throws UserError for an unknown option, a run without a rotation head, and places that cannot
   * be written; the signal's reason when it aborts
   */
  async find(run: string, call: OrientCall = {}): Promise<OrientResult> {
    kind.checkRun("orient.find", run);
    kind.checkCall<OrientCall>("orient.find", call, FIND);
    return working(call, (options, context) => orientWith({ ...options, run }, context));
  },
  /**
   * Measure the head on images that are known to be upright.
   * @param run a run folder
   * @throws UserError for an unknown option, a run without a rotation head, and images that cannot
   * be read; the signal's reason when it aborts
   */
  async evaluate(run: string, call: EvaluateOrientationCall = {}): Promise<OrientationOutcome> {
    kind.checkRun("orient.evaluate", run);
    kind.checkCall<EvaluateOrientationCall>("orient.evaluate", call, EVALUATE);
    return working(call, (options, context) => evaluateOrientation({ ...options, run }, context));
  },
} as const;
