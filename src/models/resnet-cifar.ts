/**
 * The paper's ResNet for CIFAR-10 (docs/architectures.md), as compare_gan builds it: zero-insertion upsampling, a 3 × 3 shortcut in
 * every block, mean pooling, images in [0, 1], every kernel N(0, 0.02²). At 32 × 32 it is exactly the reference (G 256:
 * 5,849,603 parameters, D 128 with rotation head: 1,483,653).
 */
import { mean, sigmoid } from "../graph/index.ts";
import { normal, zeros } from "../nn/initialisers.ts";
import { zeroInsertion } from "../nn/resample.ts";
import { type ResidualFamily, residualDiscriminator, residualGenerator } from "./residual-networks.ts";

const KERNEL = normal(0.02);

const FAMILY: ResidualFamily = {
  imageRange: "unit",
  kernels: { block: KERNEL, shortcut: KERNEL, ends: KERNEL },
  bias: () => zeros,
  // compare_gan's configurations: biased variance in the moving average.
  norm: { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: false },
  upsample: zeroInsertion,
  shortcut: "always 3x3",
  // ReLU leaves an image in [0, 1] as it is.
  firstBlockWithoutRelu: false,
  pool: (features) => mean(features, [2, 3]),
  activation: sigmoid,
};

/** The generator. */
export const resnetCifarGenerator = residualGenerator(FAMILY);

/** The discriminator. */
export const resnetCifarDiscriminator = residualDiscriminator(FAMILY);
