/** Which images a use case looks at one by one. */
import type { Preprocessing, Resize } from "../../data/decode/preprocessing.ts";
import type { Split, Unlabeled } from "../../data/store/store.ts";
import { configSchema } from "../../training/config/schema.ts";
import { canonicalSource } from "../support/run-folder.ts";

/** As a run was trained, where there is one, unless given; else as the configuration has it. */
export interface ImagesOptions {
  /** A folder, an archive, `cifar10:PATH`, … (docs/data.md); the built-in images unless given. */
  readonly data?: string | undefined;
  readonly split?: Split | undefined;
  /** Which part of an image is looked at. */
  readonly preprocessing?: Preprocessing | undefined;
  /** The filter. */
  readonly resize?: Resize | undefined;
  /** Images without a label where others have one. */
  readonly unlabeled?: Unlabeled | undefined;
}

/** The same where no network asks for a size. */
export interface SizedImagesOptions extends ImagesOptions {
  /** Side of the square images in pixels. */
  readonly resolution?: number | undefined;
}

/** Which images, in the words of `openData`. */
export interface DataRequest {
  readonly source: string | null;
  readonly resolution: number;
  readonly split: Split;
  readonly preprocessing: Preprocessing;
  readonly resize: Resize;
  readonly unlabeled: Unlabeled;
}

/**
 * What is given, and the rest by default.
 * @param defaults those of the configuration unless given
 * @throws UserError for an unknown kind of data
 */
export const dataRequest = (
  { data, split, preprocessing, resize, unlabeled, resolution }: SizedImagesOptions,
  defaults: Omit<DataRequest, "source"> = configSchema.parse({}).data,
): DataRequest => ({
  source: canonicalSource(data ?? null),
  resolution: resolution ?? defaults.resolution,
  split: split ?? defaults.split,
  preprocessing: preprocessing ?? defaults.preprocessing,
  resize: resize ?? defaults.resize,
  unlabeled: unlabeled ?? defaults.unlabeled,
});
