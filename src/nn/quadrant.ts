/** Quarters of images and maps. */
import { add, mul, reshape, slice, sliceAxis, type Tensor } from "../graph/index.ts";

/** Top left, top right, bottom left, bottom right. */
export const QUADRANTS = 4;

/**
 * One quarter of each map: x [M, C, 2H, 2W] → [M, C, H, W].
 * @param chosen one-hot rows [M, 4], in the order above
 */
export function quadrantOf(x: Tensor, chosen: Tensor): Tensor {
  const [m = 1, c = 1, height = 2, width = 2] = x.shape;
  const [h, w] = [height / 2, width / 2];
  const parts = Array.from({ length: QUADRANTS }, (_, k) => {
    const [top, left] = [Math.floor(k / 2) * h, (k % 2) * w];
    const part = slice(x, [0, 0, top, left], [m, c, top + h, left + w]);
    return mul(part, reshape(sliceAxis(chosen, 1, k, k + 1), [m, 1, 1, 1]));
  });
  return parts.reduce(add);
}
