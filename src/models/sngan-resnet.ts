/**
 * The SN-GAN ResNet in the form of mimicry's SSGAN at 32 × 32: bilinear upsampling, 1 × 1 shortcuts only where the shape changes, a
 * first discriminator block without activation, sum pooling, images in [−1, 1], Xavier-uniform kernels (gain √2 in the main path of
 * blocks). G 256: 4,276,739 parameters, D 128 with rotation head: 1,054,341. Other resolutions add or drop a block.
 *
 *     generator        z → linear 4×4×W → up-blocks → norm, relu, conv 3×3 → 3, tanh
 *     discriminator    image → first block (down) → down-blocks to 8×8 → two plain blocks → relu, sum over space → heads
 */
import { relu, reshape, sum, type Tensor, tanh } from "../graph/index.ts";
import { type BatchNormOptions, batchNorm } from "../nn/batch-norm.ts";
import { convolution } from "../nn/convolution.ts";
import { fans, uniform, xavierUniform } from "../nn/initialisers.ts";
import { linear, type WeightOptions } from "../nn/linear.ts";
import { bilinear } from "../nn/resample.ts";
import { type BlockStyle, residualBlock } from "../nn/residual-block.ts";
import type { DiscriminatorArchitecture, GeneratorArchitecture } from "./model.ts";

/** PyTorch's defaults: momentum 0.1, epsilon 1e-5, unbiased variance in the moving average. */
const NORM: BatchNormOptions = { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: true };

const weights = (spectralNorm: boolean, gain: number): WeightOptions => ({
  kernel: xavierUniform(gain),
  // PyTorch's default for biases: U(±1/√fanIn).
  bias: (kernel) => uniform(1 / Math.sqrt(fans(kernel).fanIn)),
  spectralNorm,
});

const style = (spectralNorm: boolean, norm: boolean): BlockStyle => ({
  weights: weights(spectralNorm, Math.SQRT2),
  shortcutKernel: xavierUniform(1),
  ...(norm && { norm: NORM }),
  upsample: bilinear,
  shortcut: "1x1 where needed",
});

/** The generator. */
export const snganResnetGenerator: GeneratorArchitecture = {
  imageRange: "symmetric",
  build(scope, z, { resolution, width, norm, spectralNorm }) {
    const blocks = Math.log2(resolution / 4);
    const seed = linear(scope.child("fcNoise"), z, width * 16, weights(spectralNorm, 1));
    let x: Tensor = reshape(seed, [z.shape[0]!, width, 4, 4]);
    for (let i = 1; i <= blocks; i++)
      x = residualBlock(scope.child(`block${i}`), x, style(spectralNorm, norm === "batch"), {
        channels: width,
        resample: "up",
      });
    if (norm === "batch") x = batchNorm(scope.child("finalNorm"), x, NORM);
    return tanh(convolution(scope.child("finalConv"), relu(x), 3, 3, weights(spectralNorm, 1)));
  },
};

/** The discriminator. */
export const snganResnetDiscriminator: DiscriminatorArchitecture = {
  imageRange: "symmetric",
  features(scope, images, { width, spectralNorm }) {
    const downs = Math.log2(images.shape[2]! / 8);
    let x = images;
    for (let i = 1; i <= downs + 2; i++)
      x = residualBlock(scope.child(`block${i}`), x, style(spectralNorm, false), {
        channels: width,
        resample: i <= downs ? "down" : "none",
        first: i === 1,
      });
    return sum(relu(x), [2, 3]);
  },
  head: (scope, features, outputs, { spectralNorm }) =>
    linear(scope, features, outputs, weights(spectralNorm, 1)),
};
