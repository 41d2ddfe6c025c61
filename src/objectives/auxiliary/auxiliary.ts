/**
 * The port of auxiliary losses: what is added to the losses of one or both networks beside the
 * adversarial loss, the penalties and the pretext task. Unlike a penalty, one may have a term for
 * the generator, heads on the discriminator, and a state of its own; unlike a pretext task, it asks
 * the discriminator no question that has an answer for each image. A new one is a file beside this
 * one and a line in registry.ts.
 */
import type { Tensor } from "../../graph/index.ts";
import type { DiscriminatorFeatures, PaintedImages } from "../../models/model.ts";
import type { Scope } from "../../nn/scope.ts";
import type { ImageBatch, Kind, TaskOutputs } from "../pretext/pretext-task.ts";
import type { DrawnFeed } from "../steps/draws.ts";

/** An auxiliary loss in words and numbers: plain data. */
export interface AuxiliaryDescription {
  /** Begins a title: `Consistency (CR)`. */
  readonly title: string;
  /** What it does, after its name and a colon in the list of values, without a full stop. */
  readonly summary: string;
  /** Its weight as it was published, in the form of the list: `10`, `20:0.5`. */
  readonly published: string;
  /** Identifier of the paper on arXiv. */
  readonly arxiv: string;
}

/** Which networks have a term, and how the weights are given. */
export type AuxiliaryWeights =
  /** The discriminator's loss alone: one weight. */
  | "discriminator"
  /** Both networks, of the same kind: one weight for both, or one for each. */
  | "both"
  /** Both networks, of two kinds: one weight for each. */
  | "each";

/** What the discriminator said of images, and what it saw on the way. */
export interface KindOutput {
  /** Real/fake logits [N, 1]; higher is more real. Nothing is added for the batch as a whole. */
  readonly logits: Tensor;
  readonly features: DiscriminatorFeatures;
  /** Logits of the K classes, [N, K], of a discriminator that predicts them; else undefined. */
  readonly classLogits?: Tensor | undefined;
}

/** What an auxiliary loss makes its heads of. */
export interface AuxiliaryHeads {
  /** Outputs of all blocks, and pooled features, of M images. */
  readonly features: DiscriminatorFeatures;
  /** Width of the discriminator as a share of the published one, in (0, 1] for narrower ones. */
  readonly relativeWidth: number;
  /** Side of the images. */
  readonly resolution: number;
  /**
   * A convolution 3 × 3 with a bias, x [M, in, H, W] → [M, outputs, H, W]: He's initialization,
   * never spectrally normalized. `name` is unique within the loss.
   */
  convolve(name: string, x: Tensor, outputs: number): Tensor;
  /**
   * A linear layer of the discriminator's kind: x [M, in] → [M, outputs]. `name` is unique within
   * the loss.
   */
  dense(name: string, x: Tensor, outputs: number): Tensor;
  /**
   * The images again, by the network's own decoders; undefined for one without. `chosen`: see
   * `DiscriminatorArchitecture.paint`.
   */
  readonly paint: ((chosen: Tensor) => PaintedImages) | undefined;
  /**
   * As `AuxiliaryInput.draw`; undefined outside of steps, and where the loss is left out of one:
   * its heads are only asked for what they own then.
   */
  readonly draw: AuxiliaryInput["draw"] | undefined;
}

/**
 * What an auxiliary loss may look at. N images of a kind; images are as the discriminator is shown
 * them.
 */
export interface AuxiliaryInput {
  /** Upright images [N, 3, S, S]. In the generator's step there are generated ones alone. */
  images(kind: Kind): ImageBatch;
  /**
   * Of these images, from the pass of the step where they are part of it, else from one of their
   * own.
   */
  outputFor(kind: Kind): KindOutput;
  /** Outputs of the loss's own heads for the images of the kind that it has them for. */
  outputs(): TaskOutputs;
  /**
   * Logits [N, 1] for other images [N, 3, S, S] of the same classes as those of `like`. Each call
   * is one more pass of the discriminator in training mode, which advances its power iterations.
   */
  logitsOf(images: Tensor, like: Kind): Tensor;
  /** Latents [N, Z] of the generated images. */
  readonly latents: Tensor;
  /** The generated images [N, 3, S, S] before augmentation. */
  readonly generated: Tensor;
  /**
   * Images [N, 3, S, S] that the generator makes of other latents [N, Z] for the same classes,
   * before augmentation. In the discriminator's step no gradient flows into the generator.
   */
  generate(latents: Tensor): Tensor;
  /**
   * Images [N, 3, S, S] augmented with the very random numbers that the generated ones were
   * augmented with.
   */
  augmentedAlike(images: Tensor): Tensor;
  /**
   * Kernels of the network that minimizes the term, as they are stored, without spectral
   * normalization: of all layers but embeddings of classes and heads of auxiliary losses.
   */
  readonly kernels: readonly Tensor[];
  /** What the loss keeps from step to step: a place in the discriminator for its buffers. */
  readonly state: Scope;
  /**
   * A feed of random numbers that the host draws anew for every update. `name` is unique within the
   * loss.
   */
  draw(name: string, shape: readonly number[], values: DrawnFeed["values"]): Tensor;
}

/** One auxiliary loss. */
export interface AuxiliaryLoss {
  readonly description: AuxiliaryDescription;
  readonly weights: AuxiliaryWeights;
  /**
   * Ask for all buffers it keeps, in every graph with the discriminator, so that its state has one
   * layout.
   */
  state?(scope: Scope): void;
  /** Its heads on the features of M images. */
  heads?(input: AuxiliaryHeads): TaskOutputs;
  /** The least number of images in a pass. Default 1. */
  readonly minBatch?: number;
  /** → scalar [], added to what the discriminator minimizes, weighed. Heads are on real images. */
  discriminatorLoss(input: AuxiliaryInput): Tensor;
  /** → scalar [], added to what the generator minimizes, weighed. Heads are on generated images. */
  generatorLoss?(input: AuxiliaryInput): Tensor;
}
