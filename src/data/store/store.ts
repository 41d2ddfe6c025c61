/**
 * What the rest of the project knows about images: a store of equally sized uint8 pictures that can
 * be read in any order, and a summary in plain words of where they came from. How a store is made
 * (decoding, caching) is in the `*.node.ts` files; a browser builds one with `memoryStore`.
 */

import type { Preprocessing, Resize } from "../decode/preprocessing.ts";

export type { Preprocessing, Resize } from "../decode/preprocessing.ts";

/** Every part of a data set that can be asked for; `unlabelled` is there in STL-10 only. */
export const SPLITS = ["train", "test", "unlabelled", "all"] as const;
/** Which part of a data set to use. */
export type Split = (typeof SPLITS)[number];

/** A file that was found and not used, and why, in words a person can act on. */
export interface SkippedFile {
  /** Relative to the data set's folder, with `/` on every system. */
  readonly path: string;
  readonly reason: string;
}

/** Smallest and largest value seen, in pixels. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What was found, what was used and what a person should know about it. JSON-able. */
export interface DataSummary {
  /** The source as the user can give it again: `emoji`, `cifar10:PATH`, or a folder's path. */
  readonly source: string;
  /** A short name for people, such as the folder's own name. */
  readonly name: string;
  readonly split: Split;
  readonly preprocessing: Preprocessing;
  readonly resize: Resize;
  /** Side of the stored images in pixels. */
  readonly resolution: number;
  /** Images found in the split, usable or not; `found` = `used` + `skipped.length`. */
  readonly found: number;
  readonly used: number;
  readonly skipped: readonly SkippedFile[];
  /** Width and height of the originals that were used, upright, in pixels. */
  readonly width: Range;
  readonly height: Range;
  /** How many originals were smaller than `resolution` and had to be enlarged. */
  readonly enlarged: number;
  /** Number of label classes; 0 without labels. */
  readonly classes: number;
  /** Why there are no classes, where something looks like some: for whoever needs them. */
  readonly noClasses?: string | undefined;
  /** Neutral facts, e.g. how the split was made. */
  readonly notes: readonly string[];
  /** What may spoil a training run, each with advice. */
  readonly warnings: readonly string[];
  /** True if the packed file of an earlier start was used. */
  readonly fromCache: boolean;
}

/**
 * In place of a class: the image has none. The largest number that fits; classes are numbered
 * below it. Only data opened with `unlabeled: "keep"` has it, see `Unlabeled`.
 */
export const NO_LABEL = 0xffff;
/** The largest number of a class. */
export const MAXIMUM_LABEL = NO_LABEL - 1;

/** What can be done with images that have no label where others of the set have one. */
export const UNLABELED = ["exclude", "keep"] as const;
/**
 * `exclude`: every image of a store has a label, or none has. `keep`: an image may have `NO_LABEL`.
 */
export type Unlabeled = (typeof UNLABELED)[number];

/** How many images have a label. @param labels `NO_LABEL` for those without */
export function countLabeled(labels: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] !== NO_LABEL) count++;
  return count;
}

/** Packed uint8 images, [count, size, size, 3] interleaved RGB (HWC), with optional labels. */
export interface ImageStore {
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
  readonly channels: 3;
  /**
   * Class of every image, [count], `NO_LABEL` for one without; undefined for unlabeled data.
   */
  readonly labels: Uint16Array | undefined;
  readonly classNames: readonly string[] | undefined;
  /**
   * SHA-256 of shape, pixels and labels: equal hashes mean the very same data in the same order.
   */
  readonly hash: string;
  readonly summary: DataSummary;
  /** Where the packed images are kept; absent where they are in no file. */
  readonly file?: string | undefined;
  /**
   * Copies image `index` ([size, size, 3], values 0–255) into `out` from byte `offset` on.
   * @throws RangeError if `index` is not an image of this store or `out` has no room
   */
  read(index: number, out: Uint8Array, offset: number): void;
  /**
   * Copies images `indices` one after another into `out` ([N, size, size, 3]) without blocking the
   * thread. Only stores for which reading may mean waiting have it; others are read by `read`.
   * @throws RangeError as `read`
   */
  readMany?: ((indices: Uint32Array, out: Uint8Array) => Promise<void>) | undefined;
  /** Lets go of memory and files; the store cannot be read afterwards. */
  close(): void;
}

/** Bytes of one stored image: size · size · 3. */
export function imageBytes(size: number): number {
  return size * size * 3;
}

/**
 * Check that an image can be read into a buffer.
 * @throws RangeError if image `index` does not exist or does not fit into `out` at `offset`
 */
export function checkRead(
  store: { count: number; size: number },
  index: number,
  out: Uint8Array,
  offset: number,
): void {
  if (!Number.isInteger(index) || index < 0 || index >= store.count)
    throw new RangeError(`image ${index} of a store of ${store.count}`);
  if (offset < 0 || offset + imageBytes(store.size) > out.length)
    throw new RangeError(`no room for ${imageBytes(store.size)} bytes at ${offset} of ${out.length}`);
}
