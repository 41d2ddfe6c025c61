/**
 * What is counted while images are packed: sizes, classes, and signs of trouble. Pure; the words
 * are in `advice.ts`.
 */
import type { Usable } from "../advice.ts";
import { isFigureCut } from "../decode/ground.ts";
import { croppedSide, isPadded, losesHalf, type Square } from "../decode/preprocessing.ts";
import type { LoadedImage } from "../sources/source.ts";
import { NO_LABEL, type Range } from "./store.ts";

/**
 * Of an image of which a crop leaves less than this share of its longer side, something may be
 * missing.
 */
const NOTABLE = 0.9;

/** Counts so far; add images one by one. */
export interface PackStatistics {
  add(image: LoadedImage, label: number | undefined): void;
  /** Smallest and largest width and height of the originals, in pixels. */
  readonly width: Range;
  readonly height: Range;
  /** The counts that advice is drawn from. */
  counts(): Pick<Usable, "enlarged" | "padded" | "halved" | "cutFigures" | "identical" | "perClass">;
}

/** Statistics of images made square as `square` says. */
export function startPackStatistics(
  square: Square,
  classNames: readonly string[] | undefined,
): PackStatistics {
  const width = emptyRange();
  const height = emptyRange();
  const perClass = classNames?.map((name) => ({ name, count: 0 })) ?? [];
  let [images, enlarged, padded, halved, cutFigures] = [0, 0, 0, 0, 0];
  let first: Uint8Array | undefined;
  let identical = true;
  return {
    width,
    height,
    add(image, label) {
      images++;
      if (label !== undefined && label !== NO_LABEL) perClass[label]!.count++;
      widen(width, image.width);
      widen(height, image.height);
      if (croppedSide(square, image.width, image.height) < square.size) enlarged++;
      if (isPadded(square, image.width, image.height)) padded++;
      if (losesHalf(square, image.width, image.height)) halved++;
      const longer = Math.max(image.width, image.height);
      const cut = croppedSide(square, image.width, image.height) < NOTABLE * longer;
      if (cut && isFigureCut(image.pixels, square.size, image.width > image.height)) cutFigures++;
      first ??= image.pixels;
      identical &&= sameBytes(first, image.pixels);
    },
    counts: () => ({ enlarged, padded, halved, cutFigures, identical: identical && images > 1, perClass }),
  };
}

type MutableRange = { -readonly [K in keyof Range]: Range[K] };

function emptyRange(): MutableRange {
  return { min: Number.POSITIVE_INFINITY, max: 0 };
}

function widen(range: MutableRange, value: number): void {
  range.min = Math.min(range.min, value);
  range.max = Math.max(range.max, value);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => value === b[i]));
}
