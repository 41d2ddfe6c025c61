/**
 * From what the user typed to an image store: find the source, list its images, and use the packed
 * file of an earlier start or make a new one. The packed file's name is a hash of everything its
 * contents depend on (files with sizes and times, resolution, split, preprocessing, resizing
 * filter), so a change in any of these makes a new file and never a wrong one.
 */

import { join, resolve } from "node:path";
import { defaultCacheFolder } from "../base/disk/cache.node.ts";
import { removeUnfinished, sha256 } from "../base/disk/files.node.ts";
import { UserError } from "../base/errors.ts";
import { systemProblem } from "../base/system-problems.ts";
import { formatBytes } from "../base/text/format/index.ts";
import { MINIMUM_IMAGES, tooFewImages } from "./advice.ts";
import { PREPROCESSING_VERSION } from "./decode/decode.node.ts";
import type { Square } from "./decode/preprocessing.ts";
import { freeBytes } from "./disk.node.ts";
import { listInProcess } from "./reader/list-in-process.node.ts";
import { resolveSource } from "./sources/registry.node.ts";
import type { Listing, SourceDefinition } from "./sources/source.ts";
import { type PackProgress, packListing } from "./store/pack.node.ts";
import { PIXELS_AT } from "./store/pack-file.node.ts";
import { openPack } from "./store/pack-store.node.ts";
import {
  type ImageStore,
  imageBytes,
  type Preprocessing,
  type Resize,
  type Split,
  type Unlabeled,
} from "./store/store.ts";

/** What to open. */
export interface OpenDataOptions {
  /**
   * A folder, an archive, `emoji`, `cifar10:PATH` and the like (docs/data.md); null is the built-in
   * set.
   */
  readonly source: string | null;
  /** Side of the images in pixels. */
  readonly resolution: number;
  readonly split: Split;
  readonly preprocessing: Preprocessing;
  /** The filter for resizing; `lanczos3` unless given. */
  readonly resize?: Resize | undefined;
  /** Images without a label where others have one; left out unless given. */
  readonly unlabeled?: Unlabeled | undefined;
  /** Where packed files are kept; see `defaultCacheFolder`. */
  readonly cacheDir?: string | undefined;
  readonly onProgress?: ((progress: PackProgress) => void) | undefined;
  /**
   * Ends the packing; the promise rejects with the signal's reason, and no half-written file stays.
   */
  readonly signal?: AbortSignal | undefined;
  /** Fewer usable images are refused; 64 unless given. */
  readonly minimumImages?: number | undefined;
}

/**
 * Opens a data set, packing it first if this is the first time or something has changed.
 * @throws UserError if the source is unknown, missing or not what it should be, if there are too
 *   few usable images, or if the packed file cannot be written
 */
export async function openData(options: OpenDataOptions): Promise<ImageStore> {
  const { resolution, split, unlabeled, signal, onProgress } = options;
  const minimumImages = options.minimumImages ?? MINIMUM_IMAGES;
  if (!Number.isInteger(resolution) || resolution < 1 || resolution > 4096)
    throw new UserError(
      `The resolution ${resolution} is not a whole number from 1 to 4096.`,
      "Use 32, 64, 128 or 256.",
    );
  const square: Square = {
    size: resolution,
    preprocessing: options.preprocessing,
    resize: options.resize ?? "lanczos3",
  };
  const { definition, location } = resolveSource(options.source);
  requireSplit(definition, split);
  const onFound =
    onProgress && ((done: number) => onProgress({ phase: "listing", done, total: 0, skipped: 0 }));
  const listing = await listInProcess(definition, { location, split, unlabeled, onFound, signal });
  const { notes, noClasses } = listing;
  try {
    const folder = join(options.cacheDir ?? defaultCacheFolder(), "data");
    const path = join(folder, packName(definition.name, listing, split, square, unlabeled));
    const need = listing.paths.length * (imageBytes(resolution) + 6) + PIXELS_AT;
    return await explainDisk(folder, need, async () => {
      await removeUnfinished(folder);
      const cached = await openPack(path, { notes, noClasses, fromCache: true });
      if (cached) return enough(cached, minimumImages);
      await requireSpace(folder, need);
      await packListing(listing, { square, split, minimumImages, onProgress, signal }, path);
      const packed = await openPack(path, { notes, noClasses, fromCache: false });
      if (!packed)
        throw new UserError(`The packed images in ${path} were damaged while being written.`, CACHE_HINT);
      return packed;
    });
  } finally {
    await listing.close();
  }
}

/**
 * Refuse a part of the data that a source never has.
 * @throws UserError if `definition` never has that part
 */
export function requireSplit(definition: SourceDefinition, split: Split): void {
  if (split === "unlabelled" && !definition.hasUnlabeled)
    throw new UserError(
      `${definition.usage} has no part of its own without labels.`,
      'Use the split "train": labels do not enter into training unless it is conditional.',
    );
}

const CACHE_HINT = "Check the disk, or set QUARTERTURN_CACHE to a folder on another one.";

/** The name of a packed file: everything its contents depend on. */
function packName(
  kind: string,
  listing: Listing,
  split: Split,
  square: Square,
  unlabeled: Unlabeled = "exclude",
): string {
  const { source, classNames, identity, skipped } = listing;
  // The first hash is the same for all states of one source, so that a new packed file can replace its predecessors.
  const fixed = hashOf([PREPROCESSING_VERSION, source, split, square.preprocessing, square.resize]).slice(
    0,
    12,
  );
  const state = [classNames, identity, skipped, ...(unlabeled === "keep" ? [unlabeled] : [])];
  return `${kind}-${square.size}-${fixed}-${hashOf(state).slice(0, 32)}.pack`;
}

function hashOf(value: unknown): string {
  return sha256(JSON.stringify(value));
}

/** The cached store, unless it has fewer images than are asked for this time. */
function enough(store: ImageStore, minimum: number): ImageStore {
  if (store.count >= minimum) return store;
  store.close();
  throw tooFewImages(store.summary.source, store.summary, minimum);
}

/** @throws UserError before hours are spent decoding what then has no room */
async function requireSpace(folder: string, need: number): Promise<void> {
  const free = await freeBytes(folder);
  // Some file systems do not say; then just try.
  if (free !== undefined && free < need) throw diskFull(folder, need);
}

/** Turns what the file system refuses into words. */
async function explainDisk<T>(folder: string, need: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC") throw diskFull(folder, need, error);
    const problem = systemProblem(code);
    // What was met elsewhere, say while an image was read, is told as what it is.
    if (!problem || (path !== undefined && !isOnTheWay(path, folder))) throw error;
    throw new UserError(
      `The packed images cannot be kept in ${folder}: ${problem.what} (${code}).`,
      `Set QUARTERTURN_CACHE to a folder that can be written to. ${problem.remedy}`,
      { cause: error },
    );
  }
}

/** Whether one of two paths is the other or leads to it. */
function isOnTheWay(one: string, other: string): boolean {
  const [a, b] = [resolve(one), resolve(other)];
  return a.startsWith(b) || b.startsWith(a);
}

function diskFull(folder: string, need: number, cause?: unknown): UserError {
  return new UserError(
    `The disk is full: the packed images need ${formatBytes(need)} in ${folder}.`,
    "Make room, or set QUARTERTURN_CACHE to a folder on another disk.",
    { cause },
  );
}
