/**
 * A square of half the side, anywhere so that its center lies within the image, set to 0 (Zhao et
 * al. 2020; DeVries and Taylor 2017).
 */
import { mul, sub, type Tensor } from "../../graph/index.ts";
import type { Augmentation } from "./augmentation.ts";
import { floorBetween } from "./positions.ts";

export const cutout: Augmentation = {
  numbers: 2,
  apply(images, [row, column]) {
    const side = images.shape[2]!;
    const cut = mul(within(row!, side, [1, 1, side, 1]), within(column!, side, [1, 1, 1, side]));
    return mul(images, sub(1, cut));
  },
};

/**
 * 1 at positions of one axis that the square covers; its middle is uniform over 0 … side (over 0 …
 * side − 1 if its size is odd).
 */
function within(random: Tensor, side: number, shape: readonly number[]): Tensor {
  const size = Math.floor(side / 2);
  const half = Math.floor(size / 2);
  const middle = mul(random, side + 1 - (size % 2));
  // Position i is covered by middle − half … middle − half + size − 1, that is for middles from i + half − size + 1 to i + half.
  const positions = Array.from({ length: side }, (_, i) => i + half);
  return floorBetween(
    middle,
    positions.map((i) => i - size + 1),
    positions,
    shape,
  );
}
