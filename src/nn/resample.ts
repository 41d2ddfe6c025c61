/** Resampling by 2, as the networks of the paper and of its re-implementations do it. All on [N, C, H, W]. */
import { mul, pad, sumPool, type Tensor, upsampleBilinear, upsampleNearest } from "../graph/index.ts";

/** A way to double height and width. */
export type Upsample = (x: Tensor) => Tensor;

/** "Bed of nails" (compare_gan): the value goes to the even position, the other three are 0. */
export const zeroInsertion: Upsample = (x) => pad(x, [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]);

/** Every value four times. */
export const nearestNeighbor: Upsample = (x) => upsampleNearest(x, 2);

/** Bilinear with half-pixel centers (PyTorch's `align_corners=False`), as mimicry. */
export const bilinear: Upsample = (x) => upsampleBilinear(x);

/** Means of 2 × 2 patches. */
export const averagePool = (x: Tensor): Tensor => mul(sumPool(x, 2), 0.25);
