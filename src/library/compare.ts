/** `compare` as a function. */
import {
  type CompareOptions,
  type CompareOutcome,
  compare as compareWith,
  LARGEST_SIDE,
} from "../app/compare.ts";
import { SPLITS } from "../data/store/store.ts";
import { INTERRUPTIBLE, type Interruptible, MEASUREMENT, working } from "./support/call.ts";
import * as kind from "./support/check.ts";

/** What is measured, and how; what is left out is as the protocol says. */
export interface CompareCall extends Omit<CompareOptions, "a" | "b">, Interruptible {}

const KINDS: kind.Kinds<CompareCall> = {
  ...MEASUREMENT,
  splitA: kind.oneOf(...SPLITS),
  splitB: kind.oneOf(...SPLITS),
  resolution: kind.wholeOr("native", 1, LARGEST_SIDE),
  ...INTERRUPTIBLE,
};

/**
 * Measure between two sets of images, as `quarterturn compare` does.
 * @param a the reference: a folder, an archive, `cifar10:PATH`, …
 * @param b what is compared with it
 * @throws UserError for an unknown option, unknown names, and images that cannot be read; the
 * signal's reason when it aborts
 * @example FID between two folders, with the features that come with the package
 * ```ts
 * import { compare } from "quarterturn";
 *
 * const { metrics, features } = await compare("pictures", "labeled", { metrics: ["fid"] });
 * console.log(features.name, metrics.fid?.mean);
 * ```
 */
export async function compare(a: string, b: string, call: CompareCall = {}): Promise<CompareOutcome> {
  for (const [name, source] of [
    ["a", a],
    ["b", b],
  ] as const)
    kind.checkWord("compare", name, "the path of images", source, 'compare("photos/real", "photos/made")');
  kind.checkCall<CompareCall>("compare", call, KINDS);
  return working(call, (options, context) => compareWith({ ...options, a, b }, context));
}
