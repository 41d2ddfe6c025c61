/**
 * The networks of R3GAN (Huang et al. 2024, arXiv 2501.05441; brownvc/R3GAN, R3GAN/Networks.py):
 * residual networks without normalization, of the parts that made classifiers modern. A block of C
 * channels is an inverted bottleneck with a grouped convolution in its middle,
 *
 *     x + conv2(leaky(grouped(leaky(conv1(x) + b₁)) + b₂)),   conv1 1 × 1: C → 2C,   grouped 3 × 3 in groups of 16,   conv2 1 × 1: 2C → C,
 *
 * with leaky ReLUs of slope 0.2 and no other biases. Each size of map has two of them. Between
 * sizes maps are resampled with [1, 3, 3, 1], and go through a 1 × 1 convolution where the number
 * of channels changes. The generator begins with a learned map of 4 × 4 for each channel, weighed
 * by a linear map of z; the discriminator ends with a kernel of 4 × 4 for each channel over the
 * last map. The generator's last layer is linear: its images may go beyond [−1, 1], and are clipped
 * when they are written.
 *
 * Kernels begin as N(0, g²/fanIn): of conv1 and of the grouped one with g = √(2/(1 + 0.2²)) ·
 * L^(−1/4) for L blocks in the network, and conv2 at 0 (Fix-up, Zhang et al. 2019), so that every
 * block begins as its shortcut; all others with g = 1. Parameters of G with 64 latent numbers, and
 * of D: 32 × 32 20,732,160 and 20,683,776 (768 channels).
 *
 * The publication has no other norm than none. Where one is asked for, it stands before each leaky
 * ReLU. Under spectral normalization, for which a kernel of zeros has no size, conv2 begins as the
 * others of its block.
 */
import {
  add,
  conv2d,
  groupedConv2d,
  leakyRelu,
  mean,
  mul,
  reshape,
  sum,
  type Tensor,
} from "../graph/index.ts";
import { fans, normal, zeros } from "../nn/initializers.ts";
import { layerNorm } from "../nn/layer-norm.ts";
import { linearMap } from "../nn/linear.ts";
import { classProjection } from "../nn/projection.ts";
import { smoothDown, smoothUp } from "../nn/resample.ts";
import type { Normalize } from "../nn/residual-block.ts";
import type { Initializer, Scope } from "../nn/scope.ts";
import { weightKernel } from "../nn/weights.ts";
import { generatorNorm, latentChunks } from "./generator-norm.ts";
import type { Architecture, DiscriminatorArchitecture, GeneratorArchitecture } from "./model.ts";
import { scaleChannels, widthFits, widthStep } from "./width.ts";

/**
 * Channels of the maps from 4 × 4 up, by the side of the image. 32 and 64 are published (presets
 * CIFAR10 and FFHQ-64).
 */
const TABLES: Readonly<Record<number, readonly number[]>> = {
  16: [768, 768, 768],
  32: [768, 768, 768, 768],
  64: [768, 768, 768, 768, 384],
  128: [768, 768, 768, 768, 384, 192],
};
const SEED = 4;
const BLOCKS = 2;
const EXPANSION = 2;
/**
 * Channels of a map for each group of the grouped convolution, and groups at the most (those of the
 * publication for wider networks).
 */
const PER_GROUP = 8;
const MAX_GROUPS = 96;
const SLOPE = 0.2;
const LEAKY_GAIN = Math.sqrt(2 / (1 + SLOPE ** 2));

/** Kernels N(0, gain² / fanIn). */
const scaledNormal =
  (gain: number): Initializer =>
  (shape, random) =>
    normal(gain / Math.sqrt(fans(shape).fanIn))(shape, random);
const PLAIN = scaledNormal(1);

/** What all blocks of a network have in common. */
interface BlockStyle {
  /** In the whole network. */
  readonly blocks: number;
  readonly spectralNorm: boolean;
  readonly normalize: Normalize | undefined;
}

/** A convolution 1 × 1 without a bias. */
function map(scope: Scope, x: Tensor, out: number, kernel: Initializer, spectralNorm: boolean): Tensor {
  return conv2d(x, weightKernel(scope, [out, x.shape[1]!, 1, 1], { kernel, spectralNorm }));
}

/** A block: x [N, C, H, W] → the same shape. */
function block(scope: Scope, x: Tensor, { blocks, spectralNorm, normalize }: BlockStyle): Tensor {
  const channels = x.shape[1]!;
  const wide = EXPANSION * channels;
  const inner = scaledNormal(LEAKY_GAIN * blocks ** (-1 / 4));
  const activate = (name: string, norm: string, value: Tensor): Tensor => {
    const normed = normalize ? normalize(scope.child(norm), value) : value;
    const bias = scope.child(name).parameter("bias", [wide], zeros);
    return leakyRelu(add(normed, reshape(bias, [1, wide, 1, 1])), SLOPE);
  };
  const expanded = activate("conv1", "norm1", map(scope.child("conv1"), x, wide, inner, spectralNorm));
  const groups = Math.min(MAX_GROUPS, channels / PER_GROUP);
  const kernel = weightKernel(scope.child("grouped"), [wide, wide / groups, 3, 3], {
    kernel: inner,
    spectralNorm,
  });
  const mixed = activate("grouped", "norm2", groupedConv2d(expanded, kernel, groups, { padding: 1 }));
  return add(x, map(scope.child("conv2"), mixed, channels, spectralNorm ? inner : zeros, spectralNorm));
}

/**
 * What is known of either network.
 * @param first channels of its first map by the side of the image
 */
function facts(first: (table: readonly number[]) => number): Architecture & {
  readonly channelsFor: (resolution: number, width: number) => readonly number[];
} {
  const tableFor = (resolution: number): readonly number[] => {
    const table = TABLES[resolution];
    if (!table) throw new Error(`no table for ${resolution} × ${resolution}`);
    return table;
  };
  const channelsFor = (resolution: number, width: number): readonly number[] => {
    const table = tableFor(resolution);
    return table.map((channels) => {
      const count = scaleChannels(channels, width, first(table));
      if (count % PER_GROUP === 0) return count;
      throw new Error(`${channels} channels cannot be scaled to ${count}, no multiple of ${PER_GROUP}`);
    });
  };
  return {
    imageRange: "symmetric",
    resolutions: Object.keys(TABLES).map(Number),
    fullWidth: (resolution) => first(tableFor(resolution)),
    widthStep(resolution) {
      const table = tableFor(resolution);
      return PER_GROUP * widthStep(first(table), table);
    },
    widthFits(resolution, width) {
      const table = tableFor(resolution);
      return (
        widthFits(table, width, first(table)) &&
        table.every((channels) => scaleChannels(channels, width, first(table)) % PER_GROUP === 0)
      );
    },
    channelsFor,
  };
}

const ofGenerator = facts((table) => table[0]!);
const ofDiscriminator = facts((table) => table.at(-1)!);

/** The generator of R3GAN. */
export const r3ganGenerator: GeneratorArchitecture = {
  ...ofGenerator,
  beyondRange: true,
  spectralNorm: true,
  latentChunks: (resolution) => 1 + BLOCKS * TABLES[resolution]!.length,
  build(scope, given, options) {
    const { resolution, width, norm, spectralNorm, hierarchicalLatent, classEmbedding = 0 } = options;
    const channels = ofGenerator.channelsFor(resolution, width);
    const blocks = BLOCKS * channels.length;
    const embedded = given.classes !== undefined && norm === "conditional" && classEmbedding > 0;
    // Never normalized: it is no layer that a signal goes through.
    const embedding = { kernel: PLAIN, spectralNorm: false };
    const input = embedded
      ? { ...given, classes: linearMap(scope.child("classes"), given.classes!, classEmbedding, embedding) }
      : given;
    const chunks = hierarchicalLatent ? latentChunks(input.z, 1 + blocks) : undefined;
    const normOf = (i: number): Normalize | undefined =>
      generatorNorm(
        norm,
        { ...input, embedded, ...(chunks ? { z: chunks[i + 1]!, ownChunk: true } : { ownChunk: false }) },
        { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: true, kernel: PLAIN, spectralNorm },
      );
    const basis = scope.child("basis");
    const learned = basis.parameter("map", [channels[0]!, SEED, SEED], normal(1));
    const weights = linearMap(basis, chunks?.[0] ?? input.z, channels[0]!, { kernel: PLAIN, spectralNorm });
    let x: Tensor = mul(
      reshape(learned, [1, channels[0]!, SEED, SEED]),
      reshape(weights, [input.z.shape[0]!, channels[0]!, 1, 1]),
    );
    let number = 0;
    for (const [stage, count] of channels.entries()) {
      if (stage > 0) {
        const changed =
          x.shape[1] === count ? x : map(scope.child(`up${stage}`), x, count, PLAIN, spectralNorm);
        x = smoothUp(changed);
      }
      for (let i = 0; i < BLOCKS; i++, number++)
        x = block(scope.child(`block${number + 1}`), x, { blocks, spectralNorm, normalize: normOf(number) });
    }
    return map(scope.child("finalConv"), x, 3, PLAIN, spectralNorm);
  },
};

const POOLS = { sum, mean } as const;

/** The discriminator of R3GAN. */
export const r3ganDiscriminator: DiscriminatorArchitecture = {
  ...ofDiscriminator,
  residual: true,
  activatesFirst: false,
  features(scope, images, { width, norm, spectralNorm, pool = "published" }) {
    const channels = [...ofDiscriminator.channelsFor(images.shape[2]!, width)].reverse();
    const blocks: Tensor[] = [];
    const style: BlockStyle = {
      blocks: BLOCKS * channels.length,
      spectralNorm,
      normalize: norm === "layer" ? layerNorm : undefined,
    };
    let x = map(scope.child("firstConv"), images, channels[0]!, PLAIN, spectralNorm);
    for (const [stage, count] of channels.entries()) {
      if (stage > 0) {
        const halved = smoothDown(x);
        x =
          halved.shape[1] === count
            ? halved
            : map(scope.child(`down${stage}`), halved, count, PLAIN, spectralNorm);
      }
      for (let i = 0; i < BLOCKS; i++) {
        x = block(scope.child(`block${blocks.length + 1}`), x, style);
        blocks.push(x);
      }
    }
    const pooled =
      pool === "published" ? overMap(scope.child("basis"), x, spectralNorm) : POOLS[pool](x, [2, 3]);
    return { blocks, pooled };
  },
  head: (scope, pooled, outputs, { spectralNorm }) =>
    linearMap(scope, pooled, outputs, { kernel: PLAIN, spectralNorm }),
  projection: (scope, pooled, classes, { spectralNorm }) =>
    classProjection(scope, pooled, classes, { kernel: PLAIN, spectralNorm }),
};

/** Each channel of the last map [N, C, 4, 4] against a kernel of its own: [N, C]. */
function overMap(scope: Scope, x: Tensor, spectralNorm: boolean): Tensor {
  const [, c = 1, height = 1, width = 1] = x.shape;
  const kernel = weightKernel(scope, [c, 1, height, width], { kernel: PLAIN, spectralNorm });
  return sum(mul(x, reshape(kernel, [1, c, height, width])), [2, 3]);
}
