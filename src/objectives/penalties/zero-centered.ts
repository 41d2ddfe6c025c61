/**
 * Zero-centered gradient penalties (Mescheder et al. 2018): the mean over images of ½ Σ_{C,H,W}
 * (∂l/∂x)², on real images (R1), or on real and generated ones (R1 + R2, Huang et al. 2024, R3GAN).
 * λ is their γ. They pull the slope to 0 where the images are, so the game comes to rest at the
 * data; without them the relativistic loss has no local convergence.
 *
 * The slope is by the images as the discriminator is shown them; R3GAN takes it by the images
 * before augmentation.
 */
import { concat, gradients, mean, mul, stopGradient, sum, type Tensor } from "../../graph/index.ts";
import type { Penalty } from "./penalty.ts";

/**
 * mean over M images of ½ Σ (∂l/∂x)². Logits of an image depend on that image alone.
 * @param logits [M, 1]
 */
function halfSquaredSlope(logits: Tensor, images: Tensor): Tensor {
  const [slope] = gradients(sum(logits), [images]) as [Tensor];
  return mul(mean(sum(mul(slope, slope), [1, 2, 3])), 0.5);
}

/** R1: on real images. */
export const r1: Penalty = {
  bounds: true,
  imageRanges: ["unit", "symmetric"],
  build({ real, logitsOf }) {
    const images = stopGradient(real);
    return halfSquaredSlope(logitsOf(images), images);
  },
};

/** R1 + R2: on real and on generated images, in one pass; the two means are added. */
export const r1r2: Penalty = {
  bounds: true,
  imageRanges: ["unit", "symmetric"],
  build({ real, fake, logitsOf }) {
    const images = stopGradient(concat([real, fake], 0));
    // The mean over both kinds is half the sum of the two means.
    return mul(halfSquaredSlope(logitsOf(images, ["real", "fake"]), images), 2);
  },
};
