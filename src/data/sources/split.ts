/**
 * How sets of images are divided into a training and a test part. A set that brings its own
 * division keeps it; otherwise one image in ten is held out by a hash of its name, always the same
 * ones, so that adding images moves none from one part to the other.
 */

import { UserError } from "../../base/errors.ts";
import { formatCount } from "../../base/text/format/index.ts";
import { FEW_IMAGES } from "../advice.ts";
import type { Split } from "../store/store.ts";
import { inSplit } from "./source.ts";

/** The images of one part, and how the division was made. */
export interface Part {
  /** Which images, ascending. */
  readonly indices: readonly number[];
  readonly note: string;
}

/**
 * The part of a set that brings no division. A set of fewer than 1,000 images is not divided: every
 * image is needed for training, and a tenth of it would be too few to measure anything on.
 * @param keys a name for each image; the hash is of these
 * @param where names the set in the error
 * @throws UserError for the test part of a set that is not divided
 */
export function hashSplit(keys: readonly string[], split: Split, where: string): Part {
  const everything = (): number[] => keys.map((_, index) => index);
  if (split === "all") return { indices: everything(), note: "All images, training and test together." };
  const min = formatCount(FEW_IMAGES);
  if (keys.length >= FEW_IMAGES)
    return {
      indices: everything().filter((index) => inSplit(split, keys[index]!)),
      note: `Split by a hash of the names, one in ten held out for testing: this is the ${split} part.`,
    };
  if (split === "train")
    return { indices: everything(), note: `Fewer than ${min} images: none is held out for testing.` };
  throw new UserError(
    `${where} has no test images: nothing divides it, and with fewer than ${min} images none is held out.`,
    'Divide the images into subfolders "train" and "test". Where no test part is needed, use the split "all".',
  );
}

/** A division by the order of a set: its last images are for testing. */
export interface OrderedDivision {
  /** One in so many is held out. */
  readonly oneIn: number;
  /** What it is called in notes: "The last 1 %". */
  readonly title: string;
  /** Who divides so. */
  readonly after: string;
}

/**
 * The last images of a set for testing, the others for training.
 * @throws UserError for the test part of a set too small to have one
 */
export function lastPart(
  count: number,
  split: Split,
  { oneIn, title, after }: OrderedDivision,
  where: string,
): Part {
  const held = Math.floor(count / oneIn);
  if (split === "test" && held === 0)
    throw new UserError(
      `${where} has no test images: ${title.toLowerCase()} of ${count} images is none.`,
      'Where no test part is needed, use the split "train" or "all".',
    );
  const [from, to] =
    split === "all" ? [0, count] : split === "test" ? [count - held, count] : [0, count - held];
  return {
    indices: Array.from({ length: to - from }, (_, i) => from + i),
    note:
      split === "all"
        ? "All images, training and test together."
        : `${title} is the test part, as in ${after}: this is the ${split} part.`,
  };
}
