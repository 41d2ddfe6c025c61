/**
 * What a penalty on the discriminator is: a scalar that, weighed by λ, is added to the
 * discriminator's loss and to nothing else.
 */
import type { Tensor } from "../../graph/index.ts";
import type { ImageRange } from "../../models/model.ts";
import type { DrawnFeed } from "../steps/draws.ts";

/**
 * What a penalty may look at. N is the size of the batch; images are as the discriminator is shown
 * them.
 */
export interface PenaltyInput {
  /** Upright real images [N, 3, S, S]. */
  readonly real: Tensor;
  /** Upright generated images [N, 3, S, S]; no gradient flows into the generator. */
  readonly fake: Tensor;
  /**
   * Logits [M, 1] of the real/fake head for other images [M, 3, S, S] of the same classes as the
   * real ones, or as those of `like`, one after the other. Each call is one more pass of the
   * discriminator in training mode, which advances its power iterations.
   */
  logitsOf(images: Tensor, like?: readonly ("real" | "fake")[]): Tensor;
  /**
   * The discriminator's kernels as they are stored, without spectral normalization: of all layers,
   * heads included.
   */
  readonly kernels: readonly Tensor[];
  /** A feed of random numbers that the host draws anew for every update. */
  draw(name: string, shape: readonly number[], values: DrawnFeed["values"]): Tensor;
}

/** A penalty in the discriminator's loss. */
export interface Penalty {
  /** Whether it keeps the slope of the discriminator from growing without end. */
  readonly bounds: boolean;
  /** Ranges of images for which it is defined. */
  readonly imageRanges: readonly ImageRange[];
  /** → scalar [] */
  build(input: PenaltyInput): Tensor;
}
