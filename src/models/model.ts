/** What a generator and a discriminator are to the rest of the system. */
import type { Tensor } from "../graph/index.ts";
import type { Initialization } from "../nn/initialization.ts";
import type { Scope } from "../nn/scope.ts";

/** Values of an image's channels inside a model: compare_gan [0, 1], most others [−1, 1]. */
export type ImageRange = "unit" | "symmetric";

/** Normalizations of a generator: how gamma and beta of its batch norms come about. */
export const GENERATOR_NORMS = ["batch", "self-modulated", "conditional", "none"] as const;
export type GeneratorNorm = (typeof GENERATOR_NORMS)[number];

/** Normalizations of a discriminator. */
export const DISCRIMINATOR_NORMS = ["none", "layer"] as const;
export type DiscriminatorNorm = (typeof DISCRIMINATOR_NORMS)[number];

/** The map behind which self-attention stands, by its side, or none. */
export type AttentionChoice = number | "none";

/** Options every generator understands. */
export interface GeneratorOptions {
  /** Side of the images, one of the architecture's `resolutions`. */
  readonly resolution: number;
  /** Channels of the first feature map, one that the architecture's `widthFits`. */
  readonly width: number;
  readonly norm: GeneratorNorm;
  /** Only where the architecture's `spectralNorm` is true. */
  readonly spectralNorm: boolean;
  /**
   * Whether z is cut into `latentChunks` equal chunks, one for the seed and one for each block
   * (compare_gan's `hierarchical_z`). Needs a norm that reads them, self-modulated or conditional.
   */
  readonly hierarchicalLatent: boolean;
  /** One of the architecture's `attentionSides`, or `none`; none if left out. */
  readonly attention?: AttentionChoice;
  /**
   * Length E of an embedding of the classes that all conditional norms read, in the place of a
   * vector for each class in each norm; 0 or left out for none. Only in residual networks, with a
   * conditional norm.
   */
  readonly classEmbedding?: number;
  /** How its kernels begin; as published if left out. */
  readonly initialization?: Initialization;
}

/** What a generator makes an image of. */
export interface GeneratorInput {
  /** [N, Z] */
  readonly z: Tensor;
  /** Classes as one-hot rows [N, K]; undefined for a generator without conditioning. */
  readonly classes: Tensor | undefined;
  /**
   * Numbers N(0, 1) for an architecture that adds noise to its maps, drawn anew for every update.
   * The same name gives the same numbers. Left out where images are sampled: there is no noise
   * then.
   */
  noise?(name: string, shape: readonly number[]): Tensor;
}

/** Options every discriminator understands. */
export interface DiscriminatorOptions {
  /** Channels of the first feature map, one that the architecture's `widthFits`. */
  readonly width: number;
  readonly norm: DiscriminatorNorm;
  readonly spectralNorm: boolean;
  /**
   * Whether there is a head that judges batches by how different their images are; not if left out.
   */
  readonly batchSpread?: boolean;
  /** One of the architecture's `attentionSides`, or `none`; none if left out. */
  readonly attention?: AttentionChoice;
  /** How its kernels begin; as published if left out. */
  readonly initialization?: Initialization;
  /** What the shortcuts of residual blocks read; `input` if left out. */
  readonly shortcut?: DiscriminatorShortcut;
  /**
   * How the last map of a residual discriminator is pooled over its places; `published` if left
   * out.
   */
  readonly pool?: DiscriminatorPool;
}

/**
 * What the shortcut around a residual block of the discriminator reads: the block's input, as the
 * papers have it, or its input after the block's first activation, as PyTorch code with ReLUs in
 * place computes it.
 */
export const DISCRIMINATOR_SHORTCUTS = ["input", "activated"] as const;
export type DiscriminatorShortcut = (typeof DISCRIMINATOR_SHORTCUTS)[number];

/**
 * How features are pooled over places: as the architecture was published, by their sum or by their
 * mean.
 */
export const DISCRIMINATOR_POOLS = ["published", "sum", "mean"] as const;
export type DiscriminatorPool = (typeof DISCRIMINATOR_POOLS)[number];

/** What is known of an architecture, generator or discriminator, before one is built. */
export interface Architecture {
  readonly imageRange: ImageRange;
  /** Sides of images it is made for, ascending. */
  readonly resolutions: readonly number[];
  /**
   * The published width at one of the resolutions. Another width scales all feature maps alike,
   * down to a floor (width.ts).
   */
  fullWidth(resolution: number): number;
  /** Multiples of this fit at every width. */
  widthStep(resolution: number): number;
  /** Whether no feature map has a fraction of a channel at this width. */
  widthFits(resolution: number, width: number): boolean;
  /** Sides of the maps behind which self-attention can stand, ascending; none if left out. */
  attentionSides?(resolution: number): readonly number[];
}

/** An architecture for the generator. */
export interface GeneratorArchitecture extends Architecture {
  /**
   * Whether its images may go beyond `imageRange`, to be clipped when they are written; not if left
   * out.
   */
  readonly beyondRange?: true;
  /** Whether its kernels may be spectrally normalized. */
  readonly spectralNorm: boolean;
  /**
   * Into how many chunks a hierarchical latent vector is cut; `undefined` where the architecture
   * has no blocks to give them to.
   */
  latentChunks(resolution: number): number | undefined;
  /** → images [N, 3, S, S]. */
  build(scope: Scope, input: GeneratorInput, options: GeneratorOptions): Tensor;
}

/** What a discriminator sees in a batch. */
export interface DiscriminatorFeatures {
  /**
   * Output of each block or layer, [N, C, H, W], before the next one's activation: what probes of
   * the representation read.
   */
  readonly blocks: readonly Tensor[];
  /** What the heads read, [N, F]. */
  readonly pooled: Tensor;
  /**
   * Last map of a second trunk that looks at the image at half its size, [N, C, H, W], in a network
   * that has one.
   */
  readonly half?: Tensor;
}

/** Images that decoders painted again, [M, 3, S/2, S/2], of images [M, 3, S, S]. */
export interface PaintedImages {
  /** Of the trunk's last map: the image at half its size. */
  readonly whole: Tensor;
  /** Of the second trunk's last map: the same. */
  readonly half: Tensor;
  /** Of a quarter of the trunk's map before the last: that quarter of the image. */
  readonly quadrant: Tensor;
}

/** An architecture for the discriminator: a trunk and heads on its features. */
export interface DiscriminatorArchitecture extends Architecture {
  /** Whether it is made of residual blocks. */
  readonly residual: boolean;
  /** Whether those begin with an activation, so that `shortcut` means something. */
  readonly activatesFirst: boolean;
  /** Images [N, 3, S, S] → features. */
  features(scope: Scope, images: Tensor, options: DiscriminatorOptions): DiscriminatorFeatures;
  /**
   * Real/fake logits [M, P] of P patches, in the place of one linear head, for a network that
   * judges images in parts. The adversarial loss is of all of them; whatever else asks for the
   * logit of an image is given their mean.
   */
  patches?(scope: Scope, features: DiscriminatorFeatures, options: DiscriminatorOptions): Tensor;
  /**
   * The images again, by decoders of its own, for a network that was published with some.
   * @param chosen which quarter of each image is painted, one-hot rows [M, 4]: top left, top right,
   *   bottom left, bottom right
   */
  paint?(
    scope: Scope,
    features: DiscriminatorFeatures,
    chosen: Tensor,
    options: DiscriminatorOptions,
  ): PaintedImages;
  /** A linear head: pooled features [N, F] → [N, outputs]. */
  head(scope: Scope, pooled: Tensor, outputs: number, options: DiscriminatorOptions): Tensor;
  /**
   * The projection discriminator's addition to the real/fake logit (Miyato and Koyama 2018): ⟨E y,
   * pooled⟩, [N, 1], with an embedding E of the classes, without a bias. `classes` is one-hot, [N,
   * K].
   */
  projection(scope: Scope, pooled: Tensor, classes: Tensor, options: DiscriminatorOptions): Tensor;
}
