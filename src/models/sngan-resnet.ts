/**
 * The SN-GAN ResNets in the form of mimicry's SSGAN (ssgan_32.py, ssgan_48.py, ssgan_64.py,
 * ssgan_128.py): bilinear upsampling, 1 × 1 shortcuts only where the shape changes, a first
 * discriminator block without activation, sum pooling, images in [−1, 1], Xavier-uniform kernels
 * (gain √2 in the main path of blocks). Parameters, D with rotation head: 32 × 32 G 256 4,276,739
 * and D 128 1,054,341; 48 × 48 G 512 4,878,083 and D 64 10,145,541; 64 × 64 G 1024 12,220,675 and D
 * 64 10,145,541; 128 × 128 G 1024 32,150,787 and D 64 29,021,957. The form for 16 × 16 is that for
 * 32 × 32 without one block of each network.
 */
import { sum, tanh } from "../graph/index.ts";
import { fans, uniform, xavierUniform } from "../nn/initializers.ts";
import { bilinear } from "../nn/resample.ts";
import { down, same, times, up } from "./block-rows.ts";
import { type ResidualFamily, residualDiscriminator, residualGenerator } from "./residual-networks.ts";

/** What its networks have in common, whatever their tables. */
export const SNGAN_FAMILY: ResidualFamily = {
  imageRange: "symmetric",
  kernels: { block: xavierUniform(Math.SQRT2), shortcut: xavierUniform(1), ends: xavierUniform(1) },
  // PyTorch's default for biases: U(±1/√fanIn).
  bias: (kernel) => uniform(1 / Math.sqrt(fans(kernel).fanIn)),
  // PyTorch's defaults: momentum 0.1, unbiased variance in the moving average.
  norm: { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: true },
  // As in its conditional networks (cgan_pd_32.py, cgan_pd_128.py).
  plainFinalNorm: true,
  normalizedClassVectors: true,
  upsample: bilinear,
  shortcut: { generator: "1x1 where needed", discriminator: "1x1 where needed" },
  firstBlock: { withoutRelu: true, activatedEnd: false },
  discriminatorHidden: "in",
  pool: (features) => sum(features, [2, 3]),
  activation: tanh,
};

/** The generator of mimicry's SNGAN. */
export const snganResnetGenerator = residualGenerator(SNGAN_FAMILY, {
  16: { seed: { channels: 256, side: 4 }, blocks: times(2, up(256)) },
  32: { seed: { channels: 256, side: 4 }, blocks: times(3, up(256)) },
  48: { seed: { channels: 512, side: 6 }, blocks: [up(256), up(128), up(64)] },
  64: { seed: { channels: 1024, side: 4 }, blocks: [up(512), up(256), up(128), up(64)] },
  128: { seed: { channels: 1024, side: 4 }, blocks: [up(1024), up(512), up(256), up(128), up(64)] },
});

/** The discriminator of mimicry's SNGAN. */
export const snganResnetDiscriminator = residualDiscriminator(SNGAN_FAMILY, {
  16: [down(128), same(128), same(128)],
  32: [down(128), down(128), same(128), same(128)],
  48: [down(64), down(128), down(256), down(512), same(1024)],
  64: [down(64), down(128), down(256), down(512), down(1024)],
  128: [down(64), down(128), down(256), down(512), down(1024), same(1024)],
});
