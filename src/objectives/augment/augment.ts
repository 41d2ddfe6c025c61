/** The augmentations by name, read from a list, and their application to a batch. */
import { UserError, unknownName } from "../../base/errors.ts";
import { add, cast, greater, mul, reshape, sliceAxis, sub, type Tensor } from "../../graph/index.ts";
import type { ImageRange } from "../../models/model.ts";
import type { Augmentation } from "./augmentation.ts";
import { color } from "./color.ts";
import { cutout } from "./cutout.ts";
import { exchange } from "./exchange.ts";
import { translation } from "./translation.ts";

/** Augmentations by the names users give them. A new one is a file and a line here. */
export const AUGMENTATIONS = { colour: color, translation, cutout } as const satisfies Record<
  string,
  Augmentation
>;
export type AugmentationName = keyof typeof AUGMENTATIONS;

/**
 * The augmentations of a list such as `colour,translation,cutout`, in its order; none for `none`.
 * @throws UserError for an unknown name, with the nearest one, for one that is named twice, and for
 * `none` among others
 */
export function augmentationsOf(list: string): Augmentation[] {
  if (list === "none") return [];
  const names = list.split(",").map((name) => name.trim());
  return names.map((name, i) => {
    if (name === "none")
      throw new UserError(
        `training.augment is ${list}: none stands alone, for no augmentation at all.`,
        "Leave it out of the list.",
      );
    if (!Object.hasOwn(AUGMENTATIONS, name))
      throw unknownName("augmentation", name, ["none", ...Object.keys(AUGMENTATIONS)]);
    if (names.indexOf(name) !== i)
      throw new UserError(`The augmentation "${name}" is named twice.`, "Name it once.");
    return AUGMENTATIONS[name as AugmentationName];
  });
}

/**
 * Random numbers a list of augmentations takes for an image.
 * @param perhaps each is applied with a probability
 */
export const augmentationNumbers = (augmentations: readonly Augmentation[], perhaps = false): number =>
  augmentations.reduce((total, { numbers }) => total + numbers + (perhaps ? 1 : 0), 0);

/**
 * Apply augmentations one after another. Images in [0, 1] are changed as the same pictures in [−1,
 * 1] would be.
 * @param images [N, 3, S, S] @param random uniform in [0, 1), [N, R], one column a number, in the
 * order of the augmentations
 * @param probability [1]: each augmentation changes an image with this probability, for which it
 * takes one more number, its last; else always
 */
export function augment(
  images: Tensor,
  augmentations: readonly Augmentation[],
  random: Tensor,
  range: ImageRange,
  probability?: Tensor,
): Tensor {
  const count = images.shape[0]!;
  const number = (column: number): Tensor =>
    reshape(sliceAxis(random, 1, column, column + 1), [count, 1, 1, 1]);
  let x = range === "unit" ? sub(mul(images, 2), 1) : images;
  let column = 0;
  for (const { numbers, apply } of augmentations) {
    const changed = apply(
      x,
      Array.from({ length: numbers }, (_, i) => number(column + i)),
    );
    column += numbers;
    x = probability ? chosen(x, changed, number(column++), probability) : changed;
  }
  return range === "unit" ? add(mul(x, 0.5), 0.5) : x;
}

/** `changed` where the image's number lies below the probability, else `images`. */
function chosen(images: Tensor, changed: Tensor, random: Tensor, probability: Tensor): Tensor {
  const taken = cast(greater(reshape(probability, [1, 1, 1, 1]), random), "float32");
  return exchange(images, changed, taken);
}
