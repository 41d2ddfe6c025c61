/**
 * Each image moved by up to an eighth of its side down or up and right or left, both uniform over
 * whole pixels. Moving rows is a product with a matrix of zeros and ones, M[i, j] = 1 where row i
 * comes from row j, so that the gradient moves back.
 */
import { add, matmul, mul, reshape, type Tensor, transpose } from "../../graph/index.ts";
import type { Augmentation } from "./augmentation.ts";
import { floorBetween } from "./positions.ts";

/** The matrices [N, S, S] of a move by t, uniform over −⌊S/8⌋ … ⌊S/8⌋ by `random` [N, 1, 1, 1]. */
type Moves = (random: Tensor, side: number) => Tensor;

const translated = (moves: Moves): Augmentation => ({
  numbers: 2,
  apply(images, [down, right]) {
    const [n, channels, side] = images.shape as [number, number, number, number];
    const columnsMoved = reshape(
      matmul(reshape(images, [n, channels * side, side]), moves(right!, side), false, true),
      images.shape,
    );
    const rowsFirst = reshape(transpose(columnsMoved, [0, 2, 1, 3]), [n, side, channels * side]);
    const moved = reshape(matmul(moves(down!, side), rowsFirst), [n, side, channels, side]);
    return transpose(moved, [0, 2, 1, 3]);
  },
});

/**
 * [N, S, S]: 1 where t, which is uniform as in `Moves`, is `t(i, j)` of row i and column j; nowhere
 * where that is undefined.
 */
function where(random: Tensor, side: number, t: (i: number, j: number) => number | undefined): Tensor {
  const max = Math.floor(side / 8);
  const index = Array.from({ length: side * side }, (_, k) => {
    const moved = t(Math.floor(k / side), k % side);
    return moved === undefined ? -1 : moved + max;
  });
  const steps = reshape(mul(random, 2 * max + 1), [random.shape[0]!, 1, 1]);
  return floorBetween(steps, index, index, [1, side, side]);
}

/**
 * What comes in is 0 (Zhao et al. 2020, DiffAugment): row i comes from row i + t, where there is
 * one.
 */
export const translation: Augmentation = translated((random, side) => where(random, side, (i, j) => j - i));

/**
 * What comes in is the image reflected at its edge, whose own pixels stay alone (the change of
 * Zhang et al. 2020, as StudioGAN has it, cr.py): row i comes from row |i + t|, or from 2 (S − 1) −
 * (i + t) beyond the end.
 */
export const shift: Augmentation = translated((random, side) => {
  const within = where(random, side, (i, j) => j - i);
  const before = where(random, side, (i, j) => (j === 0 ? undefined : -j - i));
  const behind = where(random, side, (i, j) => (j === side - 1 ? undefined : 2 * (side - 1) - j - i));
  return add(within, add(before, behind));
});
