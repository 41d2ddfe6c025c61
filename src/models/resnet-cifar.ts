/**
 * The paper's ResNet for CIFAR-10 (Table in docs/architectures.md), as compare_gan builds it: zero-insertion upsampling, a 3 × 3
 * shortcut in every block, mean pooling, images in [0, 1], every kernel N(0, 0.02²). At 32 × 32 it is exactly the reference
 * (G 256: 5,849,603 parameters, D 128 with rotation head: 1,483,653); other resolutions add or drop a block.
 *
 *     generator        z → linear 4×4×W → up-blocks W … W (one a doubling) → norm, relu, conv 3×3 → 3, sigmoid
 *     discriminator    image → down-blocks to 8×8 (two at 32×32) → two plain blocks → relu, mean over space → heads
 */
import { mean, relu, reshape, sigmoid, type Tensor } from "../graph/index.ts";
import { type BatchNormOptions, batchNorm } from "../nn/batch-norm.ts";
import { convolution } from "../nn/convolution.ts";
import { normal, zeros } from "../nn/initialisers.ts";
import { linear, type WeightOptions } from "../nn/linear.ts";
import { zeroInsertion } from "../nn/resample.ts";
import { type BlockStyle, residualBlock } from "../nn/residual-block.ts";
import type { DiscriminatorArchitecture, GeneratorArchitecture } from "./model.ts";

/** compare_gan's configurations: decay 0.9, epsilon 1e-5, biased variance in the moving average. */
const NORM: BatchNormOptions = { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: false };

const weights = (spectralNorm: boolean): WeightOptions => ({
  kernel: normal(0.02),
  bias: () => zeros,
  spectralNorm,
});

const style = (spectralNorm: boolean, norm: boolean): BlockStyle => ({
  weights: weights(spectralNorm),
  ...(norm && { norm: NORM }),
  upsample: zeroInsertion,
  shortcut: "always 3x3",
});

/** The generator. */
export const resnetCifarGenerator: GeneratorArchitecture = {
  imageRange: "unit",
  build(scope, z, { resolution, width, norm, spectralNorm }) {
    const blocks = Math.log2(resolution / 4);
    const seed = linear(scope.child("fcNoise"), z, width * 16, weights(spectralNorm));
    let x: Tensor = reshape(seed, [z.shape[0]!, width, 4, 4]);
    for (let i = 1; i <= blocks; i++)
      x = residualBlock(scope.child(`block${i}`), x, style(spectralNorm, norm === "batch"), {
        channels: width,
        resample: "up",
      });
    if (norm === "batch") x = batchNorm(scope.child("finalNorm"), x, NORM);
    return sigmoid(convolution(scope.child("finalConv"), relu(x), 3, 3, weights(spectralNorm)));
  },
};

/** The discriminator. */
export const resnetCifarDiscriminator: DiscriminatorArchitecture = {
  imageRange: "unit",
  features(scope, images, { width, spectralNorm }) {
    const downs = Math.log2(images.shape[2]! / 8);
    let x = images;
    for (let i = 1; i <= downs + 2; i++)
      x = residualBlock(scope.child(`block${i}`), x, style(spectralNorm, false), {
        channels: width,
        resample: i <= downs ? "down" : "none",
      });
    return mean(relu(x), [2, 3]);
  },
  head: (scope, features, outputs, { spectralNorm }) =>
    linear(scope, features, outputs, weights(spectralNorm)),
};
