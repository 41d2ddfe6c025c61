/**
 * What the residual GANs for small images have in common: a generator that doubles a 4 × 4 seed up to the image, a discriminator
 * that halves the image down to 8 × 8 and goes on with two plain blocks. A family says in a table how its blocks, ends and
 * weights are made; resolutions other than the published one add or drop a block.
 */
import { relu, reshape, type Tensor } from "../graph/index.ts";
import { type BatchNormOptions, batchNorm } from "../nn/batch-norm.ts";
import { convolution } from "../nn/convolution.ts";
import { linear, type WeightOptions } from "../nn/linear.ts";
import { classProjection } from "../nn/projection.ts";
import { type BlockStyle, residualBlock } from "../nn/residual-block.ts";
import type { Initialiser } from "../nn/scope.ts";
import type { DiscriminatorArchitecture, GeneratorArchitecture, ImageRange } from "./model.ts";

/** One family of networks. */
export interface ResidualFamily {
  readonly imageRange: ImageRange;
  /** Kernels of the blocks' main path, of their shortcuts, and of everything else (first and last layer, heads). */
  readonly kernels: {
    readonly block: Initialiser;
    readonly shortcut: Initialiser;
    readonly ends: Initialiser;
  };
  readonly bias: WeightOptions["bias"];
  /** The generator's normalisation. */
  readonly norm: BatchNormOptions;
  readonly upsample: BlockStyle["upsample"];
  readonly shortcut: BlockStyle["shortcut"];
  /** Whether the discriminator's first block leaves out the activation of its input, the image. */
  readonly firstBlockWithoutRelu: boolean;
  /** Features [N, C, 8, 8] → [N, C]. */
  pool(features: Tensor): Tensor;
  /** Last activation of the generator. */
  activation(x: Tensor): Tensor;
}

const ends = (family: ResidualFamily, spectralNorm: boolean): WeightOptions => ({
  kernel: family.kernels.ends,
  bias: family.bias,
  spectralNorm,
});

const style = (family: ResidualFamily, spectralNorm: boolean, normalised: boolean): BlockStyle => ({
  weights: { kernel: family.kernels.block, bias: family.bias, spectralNorm },
  shortcutKernel: family.kernels.shortcut,
  ...(normalised && { norm: family.norm }),
  upsample: family.upsample,
  shortcut: family.shortcut,
});

/** z → linear 4×4×W → up-blocks W … W (one a doubling) → norm, relu, conv 3×3 → 3, activation. */
export const residualGenerator = (family: ResidualFamily): GeneratorArchitecture => ({
  imageRange: family.imageRange,
  resolutions: [16, 32, 64, 128],
  build(scope, { z }, { resolution, width, norm, spectralNorm }) {
    const normalised = norm === "batch";
    const seed = linear(scope.child("fcNoise"), z, width * 16, ends(family, spectralNorm));
    let x: Tensor = reshape(seed, [z.shape[0]!, width, 4, 4]);
    for (let i = 1; i <= Math.log2(resolution / 4); i++)
      x = residualBlock(scope.child(`block${i}`), x, style(family, spectralNorm, normalised), {
        channels: width,
        resample: "up",
      });
    if (normalised) x = batchNorm(scope.child("finalNorm"), x, family.norm);
    return family.activation(
      convolution(scope.child("finalConv"), relu(x), 3, 3, ends(family, spectralNorm)),
    );
  },
});

/** Image → down-blocks to 8×8 (two at 32×32) → two plain blocks → relu, pooling over space → heads. */
export const residualDiscriminator = (family: ResidualFamily): DiscriminatorArchitecture => ({
  imageRange: family.imageRange,
  resolutions: [16, 32, 64, 128],
  features(scope, images, { width, spectralNorm }) {
    const downs = Math.log2(images.shape[2]! / 8);
    const blocks: Tensor[] = [];
    for (let i = 1; i <= downs + 2; i++) {
      const block = residualBlock(
        scope.child(`block${i}`),
        blocks.at(-1) ?? images,
        style(family, spectralNorm, false),
        {
          channels: width,
          resample: i <= downs ? "down" : "none",
          first: i === 1 && family.firstBlockWithoutRelu,
        },
      );
      blocks.push(block);
    }
    return { blocks, pooled: family.pool(relu(blocks.at(-1)!)) };
  },
  head: (scope, pooled, outputs, { spectralNorm }) =>
    linear(scope, pooled, outputs, ends(family, spectralNorm)),
  projection: (scope, pooled, classes, { spectralNorm }) =>
    classProjection(scope, pooled, classes, { embedding: family.kernels.ends, spectralNorm }),
});
