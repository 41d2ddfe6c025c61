/**
 * What the residual GANs have in common: a generator that doubles a small seed up to the image, a
 * discriminator that halves the image down and pools over what is left. A family says how blocks,
 * ends and weights are made; an architecture is a family and a table of its blocks for every size
 * of image.
 */
import { mean, relu, reshape, sum, type Tensor } from "../graph/index.ts";
import { canAttend, selfAttention } from "../nn/attention.ts";
import type { BatchNormOptions } from "../nn/batch-norm.ts";
import { convolution } from "../nn/convolution.ts";
import { layerNorm } from "../nn/layer-norm.ts";
import { linear, linearMap } from "../nn/linear.ts";
import { classProjection } from "../nn/projection.ts";
import { type BlockStyle, residualBlock } from "../nn/residual-block.ts";
import type { Initializer, Scope } from "../nn/scope.ts";
import type { WeightOptions } from "../nn/weights.ts";
import type { BlockRow } from "./block-rows.ts";
import { type Conditioning, generatorNorm, latentChunks } from "./generator-norm.ts";
import type {
  Architecture,
  AttentionChoice,
  DiscriminatorArchitecture,
  GeneratorArchitecture,
  GeneratorInput,
  GeneratorOptions,
  ImageRange,
} from "./model.ts";
import { scaleChannels, widthFits, widthStep } from "./width.ts";

/** One family of networks. */
export interface ResidualFamily {
  readonly imageRange: ImageRange;
  /**
   * Kernels of the blocks' main path, of their shortcuts, and of everything else (first and last
   * layer, heads).
   */
  readonly kernels: {
    readonly block: Initializer;
    readonly shortcut: Initializer;
    readonly ends: Initializer;
  };
  readonly bias: WeightOptions["bias"];
  /** The generator's normalization. */
  readonly norm: BatchNormOptions;
  /** Whether the generator's last norm stays a plain batch norm when the others are conditional. */
  readonly plainFinalNorm: boolean;
  /**
   * Whether spectral normalization reaches the vectors of classes that conditional norms have
   * without a shared embedding.
   */
  readonly normalizedClassVectors: boolean;
  readonly upsample: BlockStyle["upsample"];
  readonly shortcut: {
    readonly generator: BlockStyle["shortcut"];
    readonly discriminator: BlockStyle["shortcut"];
  };
  /**
   * How the discriminator's first block differs: without the activation of its input, the image;
   * with one behind its second convolution.
   */
  readonly firstBlock: { readonly withoutRelu: boolean; readonly activatedEnd: boolean };
  /**
   * Channels between the two convolutions of a discriminator's block but the first: those it gives,
   * or those it takes.
   */
  readonly discriminatorHidden: "out" | "in";
  /** Features [N, C, H, W] → [N, C]. */
  pool(features: Tensor): Tensor;
  /** Last activation of the generator. */
  activation(x: Tensor): Tensor;
}

/** A generator for one size of image. */
export interface GeneratorTable {
  /** Channels that the width replaces; those of the first feature map if left out. */
  readonly full?: number;
  /** The first feature map. */
  readonly seed: { readonly channels: number; readonly side: number };
  readonly blocks: readonly BlockRow[];
}

/** Tables by the side of the image. */
export type Tables<Table> = Readonly<Record<number, Table>>;

const ends = (family: ResidualFamily, spectralNorm: boolean): WeightOptions => ({
  kernel: family.kernels.ends,
  bias: family.bias,
  spectralNorm,
});

const style = (
  family: ResidualFamily,
  network: "generator" | "discriminator",
  spectralNorm: boolean,
  activatedShortcut = false,
): BlockStyle => ({
  weights: { kernel: family.kernels.block, bias: family.bias, spectralNorm },
  shortcutKernel: family.kernels.shortcut,
  upsample: family.upsample,
  shortcut: family.shortcut[network],
  activatedShortcut,
});

/** Sides of the maps behind blocks, the first of which has the side `from`. */
const sidesBehind = (blocks: readonly BlockRow[], from: number): number[] => {
  let side = from;
  return blocks.map(({ resample }) => {
    side = resample === "up" ? 2 * side : resample === "down" ? side / 2 : side;
    return side;
  });
};

const ascending = (sides: readonly number[]): number[] =>
  [...new Set(sides)].filter(canAttend).sort((a, b) => a - b);

/**
 * Self-attention behind the first block whose map has the side that is asked for; the map itself
 * behind all others.
 */
function attending(
  family: ResidualFamily,
  sides: readonly number[],
  attention: AttentionChoice | undefined,
  spectralNorm: boolean,
): (scope: Scope, x: Tensor, block: number) => Tensor {
  const place = attention === undefined || attention === "none" ? -1 : sides.indexOf(attention);
  return (scope, x, block) =>
    block === place
      ? selfAttention(scope.child("attention"), x, { kernel: family.kernels.ends, spectralNorm })
      : x;
}

/** What follows from tables whose first feature map has `full(table)` channels. */
function facts<Table extends { readonly blocks: readonly BlockRow[] }>(
  family: ResidualFamily,
  tables: Tables<Table>,
  full: (table: Table) => number,
): Architecture & { readonly tableFor: (resolution: number) => Table } {
  const tableFor = (resolution: number): Table => {
    const table = tables[resolution];
    if (!table) throw new Error(`no table for ${resolution} × ${resolution}`);
    return table;
  };
  const channelsOf = ({ blocks }: Table): number[] => blocks.map(({ channels }) => channels);
  return {
    imageRange: family.imageRange,
    resolutions: Object.keys(tables).map(Number),
    fullWidth: (resolution) => full(tableFor(resolution)),
    widthStep(resolution) {
      const table = tableFor(resolution);
      return widthStep(full(table), channelsOf(table));
    },
    widthFits(resolution, width) {
      const table = tableFor(resolution);
      return widthFits(channelsOf(table), width, full(table));
    },
    tableFor,
  };
}

/**
 * z → linear → seed → blocks, behind one of them self-attention where asked for → norm, relu,
 * convolution 3 × 3 → 3, activation.
 * @param endsMayBeNormalized whether spectral normalization, where asked for, reaches the first and
 * the last layer
 */
export function residualGenerator(
  family: ResidualFamily,
  tables: Tables<GeneratorTable>,
  endsMayBeNormalized = true,
): GeneratorArchitecture {
  const { tableFor, ...known } = facts(family, tables, ({ seed, full }) => full ?? seed.channels);
  return {
    ...known,
    spectralNorm: true,
    latentChunks: (resolution) => 1 + tableFor(resolution).blocks.length,
    attentionSides(resolution) {
      const { seed, blocks } = tableFor(resolution);
      return ascending(sidesBehind(blocks, seed.side));
    },
    build(scope, input, options) {
      const { seed, blocks, full = seed.channels } = tableFor(options.resolution);
      const { width, spectralNorm } = options;
      const seedChannels = scaleChannels(seed.channels, width, full);
      const first = ends(family, spectralNorm && endsMayBeNormalized);
      const norms = normsOf(family, scope, input, options, blocks.length);
      const attend = attending(family, sidesBehind(blocks, seed.side), options.attention, spectralNorm);

      const filled = linear(scope.child("fcNoise"), norms.seedLatent, seedChannels * seed.side ** 2, first);
      let x: Tensor = reshape(filled, [input.z.shape[0]!, seedChannels, seed.side, seed.side]);
      for (const [i, { channels, resample }] of blocks.entries()) {
        const own = scope.child(`block${i + 1}`);
        const map = residualBlock(own, x, style(family, "generator", spectralNorm), {
          channels: scaleChannels(channels, width, full),
          resample,
          normalize: norms.block(i),
        });
        x = attend(own, map, i);
      }
      x = norms.final?.(scope.child("finalNorm"), x) ?? x;
      return family.activation(
        convolution(scope.child("finalConv"), relu(x), 3, { size: 3, stride: 1 }, first),
      );
    },
  };
}

/**
 * What the first layer and each norm look at. Ordinarily all of them see the whole of z. Of a
 * hierarchical z the seed and each block have a chunk of their own, put before the classes where
 * there are any, and the last norm sees all of it (compare_gan's resnet_cifar).
 */
function normsOf(
  family: ResidualFamily,
  scope: Scope,
  given: GeneratorInput,
  { norm, spectralNorm, hierarchicalLatent, classEmbedding = 0 }: GeneratorOptions,
  blocks: number,
) {
  const embedded = given.classes !== undefined && norm === "conditional" && classEmbedding > 0;
  const kernel = family.kernels.ends;
  // Never normalized, as in BigGAN and compare_gan: it is no layer that a signal goes through.
  const input = embedded
    ? {
        ...given,
        classes: linearMap(scope.child("classes"), given.classes!, classEmbedding, {
          kernel,
          spectralNorm: false,
        }),
      }
    : given;
  const normalized = spectralNorm && (norm !== "conditional" || embedded || family.normalizedClassVectors);
  const chunks = hierarchicalLatent ? latentChunks(input.z, 1 + blocks) : undefined;
  const make = (kind: typeof norm, conditioning: Conditioning) =>
    generatorNorm(kind, { ...conditioning, embedded }, { ...family.norm, kernel, spectralNorm: normalized });
  const whole: Conditioning = { ...input, ownChunk: false };
  return {
    seedLatent: chunks?.[0] ?? input.z,
    block: (i: number) => make(norm, chunks ? { ...input, z: chunks[i + 1]!, ownChunk: true } : whole),
    final: make(norm === "conditional" && family.plainFinalNorm ? "batch" : norm, whole),
  };
}

const POOLS = {
  sum: (features: Tensor): Tensor => sum(features, [2, 3]),
  mean: (features: Tensor): Tensor => mean(features, [2, 3]),
} as const;

/**
 * Image → blocks, behind one of them self-attention where asked for → relu, pooling over space →
 * heads.
 */
export function residualDiscriminator(
  family: ResidualFamily,
  tables: Tables<readonly BlockRow[]>,
): DiscriminatorArchitecture {
  const rows = Object.fromEntries(Object.entries(tables).map(([side, blocks]) => [side, { blocks }]));
  const { tableFor, ...known } = facts(family, rows, ({ blocks }) => blocks[0]!.channels);
  return {
    ...known,
    residual: true,
    activatesFirst: true,
    attentionSides: (resolution) => ascending(sidesBehind(tableFor(resolution).blocks, resolution)),
    features(scope, images, { width, norm, spectralNorm, shortcut, attention, pool = "published" }) {
      const table = tableFor(images.shape[2]!).blocks;
      const attend = attending(family, sidesBehind(table, images.shape[2]!), attention, spectralNorm);
      const blocks: Tensor[] = [];
      for (const [i, { channels, resample }] of table.entries()) {
        const x = blocks.at(-1) ?? images;
        const out = scaleChannels(channels, width, table[0]!.channels);
        const own = scope.child(`block${i + 1}`);
        const block = residualBlock(
          own,
          x,
          style(family, "discriminator", spectralNorm, shortcut === "activated"),
          {
            channels: out,
            hidden: i > 0 && family.discriminatorHidden === "in" ? x.shape[1]! : out,
            resample,
            first: i === 0 && family.firstBlock.withoutRelu,
            activatedEnd: i === 0 && family.firstBlock.activatedEnd,
            normalize: norm === "layer" ? layerNorm : undefined,
          },
        );
        blocks.push(attend(own, block, i));
      }
      const pooled = pool === "published" ? family.pool : POOLS[pool];
      return { blocks, pooled: pooled(relu(blocks.at(-1)!)) };
    },
    head: (scope, pooled, outputs, { spectralNorm }) =>
      linear(scope, pooled, outputs, ends(family, spectralNorm)),
    projection: (scope, pooled, classes, { spectralNorm }) =>
      classProjection(scope, pooled, classes, ends(family, spectralNorm)),
  };
}
