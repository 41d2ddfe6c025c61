/**
 * The ResNet of zhangqianhui's TensorFlow re-implementation (Model.py, ops.py) for CIFAR-10 and
 * STL-10. Nearest-neighbor upsampling; the generator's shortcut has no convolution and takes the
 * input normalized and activated; the discriminator's is 1 × 1 in every block, pooled before it is
 * convolved, and the main path of the first block ends in a ReLU. At 32 × 32 G 256 has 4,079,363
 * parameters, D 128 with rotation head 1,087,365.
 *
 * Spectral normalization is this project's (src/nn/spectral-norm.ts), where the original keeps one
 * vector for every output channel and takes the mean of their estimates; and images are generated
 * with moving averages, where the original uses the statistics of the batch.
 */
import { sum, tanh } from "../graph/index.ts";
import { truncatedNormal, zeros } from "../nn/initializers.ts";
import { nearestNeighbor } from "../nn/resample.ts";
import { down, same, times, up } from "./block-rows.ts";
import { type ResidualFamily, residualDiscriminator, residualGenerator } from "./residual-networks.ts";

const KERNEL = truncatedNormal(0.02);

const FAMILY: ResidualFamily = {
  imageRange: "symmetric",
  kernels: { block: KERNEL, shortcut: KERNEL, ends: KERNEL },
  bias: () => zeros,
  // TensorFlow's fused batch norm keeps the unbiased variance.
  norm: { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: true },
  plainFinalNorm: false,
  normalizedClassVectors: true,
  upsample: nearestNeighbor,
  shortcut: { generator: "activated input", discriminator: "always 1x1" },
  firstBlock: { withoutRelu: true, activatedEnd: true },
  discriminatorHidden: "out",
  pool: (features) => sum(features, [2, 3]),
  activation: tanh,
};

/** The generator of zhangqianhui's SSGAN. */
export const zqResnetGenerator = residualGenerator(FAMILY, {
  32: { seed: { channels: 256, side: 4 }, blocks: times(3, up(256)) },
  48: { seed: { channels: 256, side: 6 }, blocks: times(3, up(256)) },
});

/** The discriminator: pools over 8 × 8 or 12 × 12. */
export const zqResnetDiscriminator = residualDiscriminator(FAMILY, {
  32: [down(128), down(128), same(128), same(128)],
  48: [down(128), down(128), same(128), same(128)],
});
