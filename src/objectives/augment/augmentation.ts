/**
 * Differentiable augmentation (Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient
 * GAN Training"): whatever the discriminator is shown, real or generated, is changed at random
 * first, and the generator learns through the change. Constants are those of the authors' code
 * (data-efficient-gans, DiffAugment_pytorch.py).
 */
import type { Tensor } from "../../graph/index.ts";

/** One kind of change. */
export interface Augmentation {
  /** Random numbers it takes for an image. */
  readonly numbers: number;
  /**
   * Change images [N, 3, S, S] in [−1, 1]; 0 is what is outside of an image.
   * @param random uniform in [0, 1), one tensor [N, 1, 1, 1] for each number
   */
  apply(images: Tensor, random: readonly Tensor[]): Tensor;
}
