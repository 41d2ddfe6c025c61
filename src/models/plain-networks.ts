/**
 * What the convolutional GANs without shortcuts have in common, as compare_gan builds them: a
 * generator that enlarges a seed by transposed convolutions, a discriminator of convolutions whose
 * last map the heads read pixel by pixel. An architecture is two tables of layers; a table is the
 * same for every size of image, the seed and the last map have a fixed share of its side.
 */
import { add, leakyRelu, mul, relu, reshape, sub, type Tensor, tanh } from "../graph/index.ts";
import { batchNorm } from "../nn/batch-norm.ts";
import { convolution, transposedConvolution, type Window } from "../nn/convolution.ts";
import { zeros } from "../nn/initializers.ts";
import { layerNorm } from "../nn/layer-norm.ts";
import { linear } from "../nn/linear.ts";
import { classProjection } from "../nn/projection.ts";
import type { Scope } from "../nn/scope.ts";
import type { WeightOptions } from "../nn/weights.ts";
import { KERNEL, NORM } from "./compare-gan.ts";
import { generatorNorm } from "./generator-norm.ts";
import type { DiscriminatorArchitecture, GeneratorArchitecture } from "./model.ts";
import { scaleChannels, widthFits, widthStep } from "./width.ts";

/** A layer in a table. */
export interface LayerRow extends Window {
  /** Channels it gives. */
  readonly channels: number;
}

/** A kernel of `size` × `size`, its stride, the channels it gives. */
export const layer = (size: number, stride: number, channels: number): LayerRow => ({
  size,
  stride,
  channels,
});

/** Sides of the images they are made for, of which a seed is a sixteenth or an eighth. */
const RESOLUTIONS = [16, 32, 48, 64, 128];

/** The layers of a generator without residual blocks. */
export interface PlainGeneratorTable {
  /** The first feature map: its channels, and into how many parts of its side the image is cut. */
  readonly seed: { readonly channels: number; readonly share: number };
  /**
   * Whether the seed's plain batch norm takes every number of it for a channel of its own, instead
   * of every channel of the map.
   */
  readonly seedNormEachUnit: boolean;
  readonly layers: readonly LayerRow[];
}

/** The layers of a discriminator without residual blocks. */
export interface PlainDiscriminatorTable {
  /** What it makes of an image in [0, 1]. */
  readonly input: (images: Tensor) => Tensor;
  /** Slope below zero of the leaky ReLU after every layer. */
  readonly slope: number;
  readonly layers: readonly LayerRow[];
}

const weights = (spectralNorm: boolean): WeightOptions => ({
  kernel: KERNEL,
  bias: () => zeros,
  spectralNorm,
});

/** [−1, 1] → [0, 1] */
const toUnit = (x: Tensor): Tensor => mul(add(x, 1), 0.5);
/** [0, 1] → [−1, 1] */
export const toSymmetric = (images: Tensor): Tensor => sub(mul(images, 2), 1);

/**
 * z → linear → norm1, relu → transposed convolutions, each with norm and relu but the last → tanh,
 * moved to [0, 1].
 */
export function plainGenerator(table: PlainGeneratorTable): GeneratorArchitecture {
  const { seed, layers } = table;
  const maps = layers.slice(0, -1).map(({ channels }) => channels);
  return {
    imageRange: "unit",
    resolutions: RESOLUTIONS,
    fullWidth: () => seed.channels,
    widthStep: () => widthStep(seed.channels, maps),
    widthFits: (_, width) => widthFits(maps, width, seed.channels),
    spectralNorm: false,
    latentChunks: () => undefined,
    build(scope, input, { resolution, width, norm }) {
      const side = resolution / seed.share;
      const map = [input.z.shape[0]!, width, side, side];
      const normalize = generatorNorm(
        norm,
        { ...input, ownChunk: false },
        { ...NORM, kernel: KERNEL, spectralNorm: false },
      );
      const activate = (name: string, x: Tensor): Tensor => relu(normalize?.(scope.child(name), x) ?? x);

      const filled = linear(scope.child("fcNoise"), input.z, width * side ** 2, weights(false));
      let x =
        norm === "batch" && table.seedNormEachUnit
          ? relu(reshape(unitNorm(scope.child("norm1"), filled), map))
          : activate("norm1", reshape(filled, map));
      for (const [i, row] of layers.entries()) {
        const last = i === layers.length - 1;
        const channels = last ? row.channels : scaleChannels(row.channels, width, seed.channels);
        x = transposedConvolution(scope.child(`deconv${i + 1}`), x, channels, row, weights(false));
        if (!last) x = activate(`norm${i + 2}`, x);
      }
      return toUnit(tanh(x));
    },
  };
}

/** Batch norm of vectors [N, U], every number normalized over the batch alone. */
const unitNorm = (scope: Scope, x: Tensor): Tensor => batchNorm(scope, reshape(x, [...x.shape, 1, 1]), NORM);

/**
 * Image → convolutions, each with a leaky ReLU → all of the last map → heads. Layer norm, where
 * asked for, stands before every leaky ReLU but the first, as DCGAN's batch norm does.
 */
export function plainDiscriminator(table: PlainDiscriminatorTable): DiscriminatorArchitecture {
  const { layers } = table;
  const full = layers[0]!.channels;
  const maps = layers.map(({ channels }) => channels);
  return {
    imageRange: "unit",
    resolutions: RESOLUTIONS,
    fullWidth: () => full,
    widthStep: () => widthStep(full, maps),
    widthFits: (_, width) => widthFits(maps, width, full),
    residual: false,
    activatesFirst: false,
    features(scope, images, { width, norm, spectralNorm }) {
      const blocks: Tensor[] = [];
      for (const [i, row] of layers.entries()) {
        const before = blocks.at(-1);
        const x = before ? leakyRelu(before, table.slope) : table.input(images);
        const channels = scaleChannels(row.channels, width, full);
        const y = convolution(scope.child(`conv${i + 1}`), x, channels, row, weights(spectralNorm));
        blocks.push(norm === "layer" && i > 0 ? layerNorm(scope.child(`norm${i + 1}`), y) : y);
      }
      const last = leakyRelu(blocks.at(-1)!, table.slope);
      return { blocks, pooled: reshape(last, [images.shape[0]!, -1]) };
    },
    head: (scope, pooled, outputs, { spectralNorm }) => linear(scope, pooled, outputs, weights(spectralNorm)),
    projection: (scope, pooled, classes, { spectralNorm }) =>
      classProjection(scope, pooled, classes, weights(spectralNorm)),
  };
}
