/**
 * Resampling by 2, as the networks of the paper and of its re-implementations do it. All on [N, C,
 * H, W].
 */
import {
  mul,
  pad,
  slice,
  sumPool,
  type Tensor,
  upsampleBilinear,
  upsampleBilinearAdjoint,
  upsampleNearest,
} from "../graph/index.ts";

/** A way to double height and width. */
export type Upsample = (x: Tensor) => Tensor;

/** "Bed of nails" (compare_gan): the value goes to the even position, the other three are 0. */
export const zeroInsertion: Upsample = (x) => pad(x, [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]);

/** Every value four times. */
export const nearestNeighbor: Upsample = (x) => upsampleNearest(x, 2);

/** Bilinear with half-pixel centers (PyTorch's `align_corners=False`), as mimicry. */
export const bilinear: Upsample = (x) => upsampleBilinear(x);

/** x without `rim` rows and columns on all sides. */
function inside(x: Tensor, rim: number): Tensor {
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  return slice(x, [0, 0, rim, rim], [n, c, h - rim, w - rim]);
}

const around = (x: Tensor, rim: number): Tensor => pad(x, [0, 0, rim, rim], [0, 0, rim, rim]);

/**
 * Doubled by the filter [1, 3, 3, 1]/4 along both axes, with zeros beyond the borders (StyleGAN's
 * and R3GAN's; Karras et al. 2020). Inside it is bilinear enlargement, which repeats the border
 * instead: so the map is enlarged with a rim of zeros, which is cut off again.
 */
export const smoothUp: Upsample = (x) => inside(upsampleBilinear(around(x, 1)), 2);

/**
 * Halved by the filter [1, 3, 3, 1]/8 along both axes, with zeros beyond the borders: a quarter of
 * the adjoint of `smoothUp`.
 */
export const smoothDown = (x: Tensor): Tensor => mul(inside(upsampleBilinearAdjoint(around(x, 2)), 1), 0.25);

/** Means of 2 × 2 patches. */
export const averagePool = (x: Tensor): Tensor => mul(sumPool(x, 2), 0.25);

/**
 * Every other pixel of every other row, from the first on (PyTorch's `interpolate` to half the size
 * as it is by default).
 */
export const everyOther = (x: Tensor): Tensor => slice(x, [0, 0, 0, 0], x.shape, [1, 1, 2, 2]);
