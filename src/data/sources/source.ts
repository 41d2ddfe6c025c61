/**
 * What a data source is: something that lists images quickly, without decoding them, and can load
 * any one of them as a square of the wanted size. A new source is one file with a
 * `SourceDefinition` and one line in `registry.node.ts`.
 */
import type { Square } from "../decode/preprocessing.ts";
import type { SkippedFile, Split, Unlabeled } from "../store/store.ts";

/** One image, cropped and resized. */
export interface LoadedImage {
  /** [size, size, 3], values 0–255 sRGB. */
  readonly pixels: Uint8Array;
  /** Width and height of the original, upright, in pixels. */
  readonly width: number;
  readonly height: number;
  /**
   * The EXIF orientation by which it was rotated upright, 1 to 8 (1 is upright as stored); absent
   * where the file has none.
   */
  readonly orientation?: number | undefined;
}

/** An image that cannot be used; `reason` goes into the list of skipped files. */
export class UnusableImage extends Error {
  override readonly name = "UnusableImage";
}

/** The images of a source, found but not decoded. */
export interface Listing {
  /** A short name for people. */
  readonly name: string;
  /** The source as the user can give it again. */
  readonly source: string;
  /**
   * Identifies the files without reading them; a change in any of these strings makes a new packed
   * file.
   */
  readonly identity: readonly string[];
  /** Name of each image, in their order in the store. */
  readonly paths: readonly string[];
  /** Files that are images but were set aside while listing. */
  readonly skipped: readonly SkippedFile[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly classNames: readonly string[] | undefined;
  /**
   * Why there are no classes, where tables or folders look like some; goes on from the name of the
   * set.
   */
  readonly noClasses?: string | undefined;
  /**
   * Image `index` made square. Images are asked for in order, a few at a time at once; other orders
   * may be slow.
   * @throws UnusableImage if this one cannot be used; the packing goes on without it
   */
  load(index: number, square: Square): Promise<LoadedImage>;
  /**
   * Class of image `index`, once it has been loaded, `NO_LABEL` for none; only with `classNames`.
   */
  label(index: number): number;
  /** Lets go of files. */
  close(): Promise<void>;
}

/** What is asked of a source. */
export interface ListRequest {
  /** What followed the colon, or the folder itself; empty for the built-in set. */
  readonly location: string;
  readonly split: Split;
  /** Images without a label where others have one; left out unless given. */
  readonly unlabeled?: Unlabeled | undefined;
  /** Called now and then with the number of files seen so far. */
  readonly onFound?: ((found: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A kind of data source. */
export interface SourceDefinition {
  /** The word before the colon, or the whole word if `usage` has no colon. */
  readonly name: string;
  /** How it is written on the command line. */
  readonly usage: string;
  /** One line for help texts. */
  readonly description: string;
  /**
   * True if `path`, given without a word before it, can only be meant for this source; never slow,
   * never throws.
   */
  readonly recognizes?: ((path: string) => boolean) | undefined;
  /** True if it comes with the program: nothing in it needs to be read with caution. */
  readonly trusted?: boolean | undefined;
  /** True if there is a third part, of images without labels. */
  readonly hasUnlabeled?: boolean | undefined;
  /** @throws UserError if there is nothing there, or it is something else */
  list(request: ListRequest): Promise<Listing>;
}

/**
 * True for about one key in ten, always the same ones (FNV-1a): the held-out part of a set without
 * a split of its own.
 */
export function heldOut(key: string): boolean {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  // FNV's low bits are weak for short keys: fold the high half in.
  hash = (hash ^ (hash >>> 16)) >>> 0;
  return hash % 10 === 0;
}

/** Whether an image with this key belongs to `split` of a set split by `heldOut`. */
export function inSplit(split: Split, key: string): boolean {
  return split === "all" || heldOut(key) === (split === "test");
}
