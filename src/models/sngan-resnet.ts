/**
 * The SN-GAN ResNet in the form of mimicry's SSGAN at 32 × 32 (docs/architectures.md): bilinear upsampling, 1 × 1 shortcuts only
 * where the shape changes, a first discriminator block without activation, sum pooling, images in [−1, 1], Xavier-uniform kernels
 * (gain √2 in the main path of blocks). G 256: 4,276,739 parameters, D 128 with rotation head: 1,054,341.
 */
import { sum, tanh } from "../graph/index.ts";
import { fans, uniform, xavierUniform } from "../nn/initialisers.ts";
import { bilinear } from "../nn/resample.ts";
import { type ResidualFamily, residualDiscriminator, residualGenerator } from "./residual-networks.ts";

const FAMILY: ResidualFamily = {
  imageRange: "symmetric",
  kernels: { block: xavierUniform(Math.SQRT2), shortcut: xavierUniform(1), ends: xavierUniform(1) },
  // PyTorch's default for biases: U(±1/√fanIn).
  bias: (kernel) => uniform(1 / Math.sqrt(fans(kernel).fanIn)),
  // PyTorch's defaults: momentum 0.1, unbiased variance in the moving average.
  norm: { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: true },
  upsample: bilinear,
  shortcut: "1x1 where needed",
  firstBlockWithoutRelu: true,
  pool: (features) => sum(features, [2, 3]),
  activation: tanh,
};

/** The generator. */
export const snganResnetGenerator = residualGenerator(FAMILY);

/** The discriminator. */
export const snganResnetDiscriminator = residualDiscriminator(FAMILY);
