/**
 * What the ResNets of google/compare_gan have in common (resnet_ops.py, arch_ops.py):
 * zero-insertion upsampling, a 3 × 3 shortcut in every block, mean pooling, images in [0, 1], every
 * kernel N(0, 0.02²), biases 0.
 */
import { mean, sigmoid } from "../graph/index.ts";
import type { BatchNormOptions } from "../nn/batch-norm.ts";
import { normal, zeros } from "../nn/initializers.ts";
import { zeroInsertion } from "../nn/resample.ts";
import type { ResidualFamily } from "./residual-networks.ts";

/** Every kernel, of every network. */
export const KERNEL = normal(0.02);

/** As in all its example configurations: biased variance in the moving average. */
export const NORM: BatchNormOptions = { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: false };

/** What the ResNets of compare_gan have in common. */
export const COMPARE_GAN: ResidualFamily = {
  imageRange: "unit",
  kernels: { block: KERNEL, shortcut: KERNEL, ends: KERNEL },
  bias: () => zeros,
  norm: NORM,
  plainFinalNorm: false,
  normalizedClassVectors: true,
  upsample: zeroInsertion,
  shortcut: { generator: "always 3x3", discriminator: "always 3x3" },
  // ReLU leaves an image in [0, 1] as it is.
  firstBlock: { withoutRelu: false, activatedEnd: false },
  discriminatorHidden: "out",
  pool: (features) => mean(features, [2, 3]),
  activation: sigmoid,
};
