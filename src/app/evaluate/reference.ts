/** The reference images of an evaluation. */
import { UserError } from "../../base/errors.ts";
import { type ImageStore, type OpenDataOptions, openData } from "../../data/index.node.ts";
import type { Split } from "../../data/store/store.ts";
import { MIN_IMAGES } from "../../metrics/sample-counts.ts";
import type { Context } from "../context.ts";
import { packingOf } from "../support/images.ts";

/** Which part of the images. */
export interface ReferenceParts {
  /** What the user asks for; undefined leaves it to the protocol. */
  readonly asked: Split | undefined;
  readonly wanted: Split;
  /** Taken where there is no such part: a folder of pictures has no test part. */
  readonly otherwise: Split;
}

/**
 * Open the reference images. Where the part the protocol wants is not there and the user did not
 * ask for one, the other part is taken and that is said: a number against trained images is still
 * one to watch, but no test.
 * @throws UserError when neither can be opened, or the part the user asks for cannot; the data's
 * signal's reason when it aborts
 */
export async function openReference(
  data: Omit<OpenDataOptions, "split" | "minimumImages" | "onProgress">,
  { asked, wanted, otherwise }: ReferenceParts,
  { report }: Pick<Context, "report">,
): Promise<ImageStore> {
  const open = (split: Split): Promise<ImageStore> =>
    openData({ ...data, split, minimumImages: MIN_IMAGES, onProgress: packingOf(report, "reference") });
  const store = await open(asked ?? wanted).catch(async (error: unknown) => {
    if (asked !== undefined || otherwise === wanted || !(error instanceof UserError)) throw error;
    const instead = await open(otherwise).catch(() => {
      data.signal?.throwIfAborted();
      throw error;
    });
    void report({
      kind: "warning",
      message: `${error.marked.message} The reference is its ${otherwise} part instead, which may have been trained on.`,
    });
    return instead;
  });
  void report({ kind: "images", role: "reference", summary: store.summary });
  return store;
}
