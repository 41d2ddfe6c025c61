/** Resampling by 2, as the networks of the paper and of its re-implementations do it. All on [N, C, H, W]. */
import {
  constant,
  matmul,
  mul,
  pad,
  reshape,
  sumPool,
  type Tensor,
  upsampleNearest,
} from "../graph/index.ts";

/** A way to double height and width. */
export type Upsample = (x: Tensor) => Tensor;

/** "Bed of nails" (compare_gan): the value goes to the even position, the other three are 0. */
export const zeroInsertion: Upsample = (x) => pad(x, [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]);

/** Every value four times. */
export const nearestNeighbour: Upsample = (x) => upsampleNearest(x, 2);

/**
 * Bilinear with half-pixel centres (PyTorch's `align_corners=False`): output i looks at (i + ½)/2 − ½, so even outputs are
 * ¼ · left + ¾ · own and odd ones ¾ · own + ¼ · right, edges repeated. Separable: one matrix product along each axis.
 */
export const bilinear: Upsample = (x) => {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const wide = matmul(reshape(x, [n * c * h, w]), bilinearMatrix(w), false, true);
  const tall = matmul(bilinearMatrix(h), reshape(wide, [n * c, h, 2 * w]));
  return reshape(tall, [n, c, 2 * h, 2 * w]);
};

/** [2n, n] weights of bilinear doubling along one axis. */
function bilinearMatrix(n: number): Tensor {
  const values = new Float32Array(2 * n * n);
  for (let i = 0; i < 2 * n; i++) {
    const place = (i + 0.5) / 2 - 0.5;
    const low = Math.floor(place);
    for (const [index, weight] of [
      [low, 1 - (place - low)],
      [low + 1, place - low],
    ] as const)
      values[i * n + Math.min(n - 1, Math.max(0, index))]! += weight;
  }
  return constant(values, [2 * n, n]);
}

/** Means of 2 × 2 patches. */
export const averagePool = (x: Tensor): Tensor => mul(sumPool(x, 2), 0.25);
