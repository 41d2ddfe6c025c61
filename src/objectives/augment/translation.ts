/**
 * Each image moved by up to an eighth of its side down or up and right or left, both uniform over whole pixels; what comes in is 0
 * (Zhao et al. 2020). Moving rows is a product with a matrix of zeros and ones, M[i, j] = 1 where j = i + t, so that the gradient moves back.
 */
import { matmul, mul, reshape, type Tensor, transpose } from "../../graph/index.ts";
import type { Augmentation } from "./augmentation.ts";
import { floorBetween } from "./positions.ts";

export const translation: Augmentation = {
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
};

/** [N, S, S]: 1 where the column is the row plus t, t uniform over −⌊S/8⌋ … ⌊S/8⌋ by `random` [N, 1, 1, 1]. */
function moves(random: Tensor, side: number): Tensor {
  const most = Math.floor(side / 8);
  const index = Array.from({ length: side * side }, (_, i) => (i % side) - Math.floor(i / side) + most);
  const steps = reshape(mul(random, 2 * most + 1), [random.shape[0]!, 1, 1]);
  return floorBetween(steps, index, index, [1, side, side]);
}
