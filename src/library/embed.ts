/** `embed` as a function. */
import { type EmbedOptions, type EmbedResult, embed as embedWith } from "../app/embed.ts";
import { CHECKPOINT, ENGINE, IMAGES, INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";

/** Which images, which features, and where they go. */
export interface EmbedCall extends Omit<EmbedOptions, "run">, Interruptible {}

const KINDS: kind.Kinds<EmbedCall> = {
  ...IMAGES,
  block: kind.text,
  numbers: kind.whole(1, 1_000_000),
  out: kind.text,
  ...CHECKPOINT,
  ...ENGINE,
  ...INTERRUPTIBLE,
};

/**
 * Write a discriminator's features of images as a NumPy array, with a table of what its rows are,
 * as `quarterturn embed` does.
 * @param run a run folder
 * @throws UserError for an unknown option or block, a missing checkpoint, and images that cannot be
 * read; the signal's reason when it aborts, with nothing written
 * @example One row of features for each picture
 * ```ts
 * import { embed } from "quarterturn";
 *
 * const { file, shape } = await embed("runs/first", { data: "pictures", out: "features.npy" });
 * console.log(`${shape[0]} rows of ${shape[1]} numbers are in ${file}`);
 * ```
 */
export async function embed(run: string, call: EmbedCall = {}): Promise<EmbedResult> {
  kind.checkRun("embed", run);
  kind.checkCall<EmbedCall>("embed", call, KINDS);
  return working(call, (options, context) => embedWith({ ...options, run }, context));
}
