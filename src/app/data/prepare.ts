/** The use case `data prepare`: images decoded and packed before a training needs them. */
import { stat } from "node:fs/promises";
import { type DataSummary, openData } from "../../data/index.node.ts";
import type { Context } from "../context.ts";
import { packingOf } from "../support/images.ts";
import { dataRequest, type SizedImagesOptions } from "./images-options.ts";

/** What was packed: the document of `data prepare --json`. */
export interface PrepareOutcome extends DataSummary {
  /** Of the pixels and the labels; the same images have the same one. */
  readonly hash: string;
  /** The file of the packed images, absolute. */
  readonly file: string;
  /** Its size. */
  readonly bytes: number;
}

/**
 * Decode and pack images; nothing is done where they are packed already.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts
 */
export async function prepareImages(
  options: SizedImagesOptions,
  { report, signal }: Context,
): Promise<PrepareOutcome> {
  const store = await openData({
    ...dataRequest(options),
    signal,
    onProgress: packingOf(report, "training"),
  });
  store.close();
  const { summary, hash, file } = store;
  for (const message of summary.warnings) void report({ kind: "warning", message });
  if (file === undefined) throw new Error("the images were packed into no file");
  return { ...summary, hash, file, bytes: (await stat(file)).size };
}
