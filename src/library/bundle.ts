/** `bundle` as a function. */
import { type BundleOptions, type BundleResult, bundle as bundleWith } from "../app/bundle.ts";
import { INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";

/** Which checkpoint, and where it goes. */
export interface BundleCall extends Omit<BundleOptions, "run">, Interruptible {}

const KINDS: kind.Kinds<BundleCall> = { step: kind.whole(1), out: kind.text, ...INTERRUPTIBLE };

/**
 * Write a run with its images as one file, which the playground opens, as `quarterturn bundle`
 * does.
 * @param run a run folder
 * @throws UserError for an unknown option, a missing checkpoint, other images than it was trained
 * on, and more of them than a browser holds; the signal's reason when it aborts
 * @example A run to be carried to another machine
 * ```ts
 * import { bundle } from "quarterturn";
 *
 * const { path, step, images } = await bundle("runs/first", { out: "first.zip" });
 * console.log(`${images} images and step ${step} are in ${path}`);
 * ```
 */
export async function bundle(run: string, call: BundleCall = {}): Promise<BundleResult> {
  kind.checkRun("bundle", run);
  kind.checkCall<BundleCall>("bundle", call, KINDS);
  return working(call, (options, context) => bundleWith({ ...options, run }, context));
}
