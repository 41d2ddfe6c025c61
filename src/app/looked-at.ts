/** Which images a use case looks at one by one. */
import type { Preprocessing, Resize } from "../data/preprocessing.ts";
import type { Split } from "../data/store.ts";
import { canonicalSource } from "./run-folder.ts";

/** As a run was trained unless given. */
export interface ImagesOptions {
  /** A folder, an archive, `cifar10:PATH`, … (docs/data.md); the built-in images unless given. */
  readonly data?: string | undefined;
  readonly split?: Split | undefined;
  /** Which part of an image is looked at. */
  readonly preprocessing?: Preprocessing | undefined;
  /** The filter. */
  readonly resize?: Resize | undefined;
}

/** Which images, in the words of `openData`. */
export interface DataRequest {
  readonly source: string | null;
  readonly resolution: number;
  readonly split: Split;
  readonly preprocessing: Preprocessing;
  readonly resize: Resize;
}

/** @param defaults of what is not given @throws UserError for an unknown kind of data */
export const dataRequest = (
  { data, split, preprocessing, resize }: ImagesOptions,
  defaults: Omit<DataRequest, "source">,
): DataRequest => ({
  source: canonicalSource(data ?? null),
  resolution: defaults.resolution,
  split: split ?? defaults.split,
  preprocessing: preprocessing ?? defaults.preprocessing,
  resize: resize ?? defaults.resize,
});
