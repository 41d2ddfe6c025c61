/**
 * The images of a training's data that it does not train on, by which it is seen whether the
 * discriminator overfits.
 */
import { UserError } from "../../base/errors.ts";
import { type ImageStore, openData } from "../../data/index.node.ts";
import type { Config } from "../../training/config/schema.ts";
import { WATCHED } from "../../training/sampling/sampling.ts";
import type { Context } from "../context.ts";
import { packingOf } from "../support/images.ts";

/**
 * Open the part of the data that is held out.
 * @returns undefined where none is: all images are trained on, or the data has no such part, or one
 * of a few images only
 * @throws the signal's reason when it aborts
 */
export async function openHeldOut(
  { data }: Pick<Config, "data">,
  { report, signal }: Context,
): Promise<ImageStore | undefined> {
  if (data.split !== "train") return undefined;
  const onProgress = packingOf(report, "held-out");
  const options = { ...data, split: "test", minimumImages: WATCHED.min, signal, onProgress } as const;
  return openData(options).catch((error: unknown) => {
    // Training does without: most sources that have no such part say so by refusing it.
    if (error instanceof UserError) return undefined;
    throw error;
  });
}
