/**
 * The generator of FastGAN (Liu et al. 2021, arXiv 2101.04775, §3.1 and the authors' models.py). z
 * becomes a map of 4 × 4 by one transposed convolution, and blocks double it:
 *
 *     nearest neighbors ×2 → conv 3 × 3 to 2C channels [→ noise] → norm → gated linear unit to C channels
 *
 * once in blocks to 16, 64 and 256 pixels; in those to 8, 32 and 128 it is followed by a second
 * convolution with noise, norm and gate at the same size. Behind blocks from 64 pixels on stands
 * skip-layer excitation by the map with a sixteenth of the side. A convolution 3 × 3 makes the
 * image. It is linear at these sizes, so images may go beyond [−1, 1] and are clipped when they are
 * written. No layer has a bias, and all kernels are spectrally normalized in the publication.
 *
 * Noise N(0, 1), one number for each place of each image, is added by a learned strength that
 * begins at 0. It is drawn for training steps; images that are sampled or exported have none, which
 * is its mean, so that a latent vector always gives the same image.
 *
 * The authors' generator has a second output for 128 × 128, `to_128`, which the smaller trunk of
 * their discriminator is shown; here that trunk looks at the image itself.
 */
import { add, matmul, mul, reshape, type Tensor, transpose } from "../../graph/index.ts";
import { gatedLinearUnit, skipLayerExcitation } from "../../nn/gating.ts";
import { zeros } from "../../nn/initializers.ts";
import { nearestNeighbor } from "../../nn/resample.ts";
import type { Normalize } from "../../nn/residual-block.ts";
import type { Scope } from "../../nn/scope.ts";
import { type KernelOptions, weightKernel } from "../../nn/weights.ts";
import { generatorNorm } from "../generator-norm.ts";
import type { GeneratorArchitecture, GeneratorInput } from "../model.ts";
import { convolve, kernels, SIDES, widthsBy } from "./style.ts";

/** Channels of the map of 4 × 4, and behind each block. */
const CHANNELS = [1024, 512, 256, 128, 128, 64, 32];
const SEED = 4;
/** A map is excited by the one with this share of its side. */
const EXCITATION = 16;

const { channelsFor, ...widths } = widthsBy((resolution) =>
  CHANNELS.slice(0, 1 + Math.log2(resolution / SEED)),
);

/** What all blocks of a generator have in common. */
interface Style {
  readonly options: KernelOptions;
  readonly normalize: Normalize | undefined;
  readonly noise: GeneratorInput["noise"];
}

const normed = (scope: Scope, name: string, x: Tensor, { normalize }: Style): Tensor =>
  normalize ? normalize(scope.child(name), x) : x;

/** The transposed convolution of one place to 4 × 4: z [N, Z] → [N, C, 4, 4]. */
function seed(scope: Scope, z: Tensor, channels: number, style: Style): Tensor {
  const [n = 1, latents = 1] = z.shape;
  // As a matrix of one row for each output channel, like the kernels of the other layers.
  const kernel = weightKernel(scope, [2 * channels, latents, SEED, SEED], style.options);
  const units = reshape(transpose(kernel, [0, 2, 3, 1]), [2 * channels * SEED ** 2, latents]);
  const map = reshape(matmul(z, units, false, true), [n, 2 * channels, SEED, SEED]);
  return gatedLinearUnit(normed(scope, "norm", map, style));
}

/** x + strength · noise, in training steps. */
function withNoise(scope: Scope, name: string, x: Tensor, { noise }: Style): Tensor {
  const strength = scope.child(name).parameter("weight", [1], zeros);
  if (!noise) return x;
  const [n = 1, , height = 1, width = 1] = x.shape;
  const drawn = noise(`${scope.path.slice(scope.path.indexOf("/") + 1)}/${name}`, [n, 1, height, width]);
  return add(x, mul(drawn, reshape(strength, [1, 1, 1, 1])));
}

/**
 * A block: x [N, D, H, W] → [N, C, 2H, 2W].
 * @param twice whether it has a second layer, and noise
 */
function block(scope: Scope, x: Tensor, channels: number, twice: boolean, style: Style): Tensor {
  const layer = (number: number, from: Tensor): Tensor => {
    const y = convolve(scope.child(`conv${number}`), from, 2 * channels, 3, style.options);
    const noisy = twice ? withNoise(scope, `noise${number}`, y, style) : y;
    return gatedLinearUnit(normed(scope, `norm${number}`, noisy, style));
  };
  const first = layer(1, nearestNeighbor(x));
  return twice ? layer(2, first) : first;
}

/** The generator of FastGAN. */
export const fastganGenerator: GeneratorArchitecture = {
  ...widths,
  imageRange: "symmetric",
  resolutions: SIDES,
  beyondRange: true,
  spectralNorm: true,
  latentChunks: () => undefined,
  build(scope, input, { resolution, width, norm, spectralNorm }) {
    const options = kernels(spectralNorm);
    const constants = { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: true, ...options };
    const normalize = generatorNorm(norm, { ...input, ownChunk: false }, constants);
    const style: Style = { options, normalize, noise: input.noise };
    const [first = 1, ...channels] = channelsFor(resolution, width);
    const maps = [seed(scope.child("init"), input.z, first, style)];
    for (const [i, count] of channels.entries()) {
      const own = scope.child(`block${i + 1}`);
      const x = block(own, maps.at(-1)!, count, i % 2 === 0, style);
      const from = maps.find(({ shape }) => shape[2] === x.shape[2]! / EXCITATION);
      maps.push(from ? skipLayerExcitation(own.child("gate"), from, x, options) : x);
    }
    return convolve(scope.child("finalConv"), maps.at(-1)!, 3, 3, options);
  },
};
