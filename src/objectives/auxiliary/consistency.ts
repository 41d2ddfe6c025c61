/**
 * Consistency regularization: the discriminator shall say the same of an image and of the image
 * mirrored and moved a little, which changes nothing about whether it is real. On real images (CR,
 * Zhang et al. 2020, arXiv 1910.12027), or on real and generated ones (bCR, Zhao et al. 2021, arXiv
 * 2002.04724), since a discriminator that is consistent on real images alone gives away generated
 * ones by their being mirrored. The gradient goes through both logits.
 */
import { add, mean, mul, sub, type Tensor } from "../../graph/index.ts";
import { augment, augmentationNumbers } from "../augment/augment.ts";
import { mirror } from "../augment/mirror.ts";
import { shift } from "../augment/translation.ts";
import type { Kind } from "../pretext/pretext-task.ts";
import type { AuxiliaryInput, AuxiliaryLoss } from "./auxiliary.ts";

/** T of the authors: mirrored with probability ½, then moved by up to an eighth of the side. */
const CHANGES = [mirror, shift];

/** mean over M of (a − b)²; [M, 1] each. */
export const meanSquare = (a: Tensor, b: Tensor): Tensor => {
  const difference = sub(a, b);
  return mean(mul(difference, difference));
};

function inconsistency({ images, outputFor, logitsOf, draw }: AuxiliaryInput, kind: Kind): Tensor {
  const shown = images(kind).images;
  const numbers = draw(kind, [shown.shape[0]!, augmentationNumbers(CHANGES)], "uniform");
  // Pixels are moved and none is made, so the range of the images does not matter.
  return meanSquare(outputFor(kind).logits, logitsOf(augment(shown, CHANGES, numbers, "symmetric"), kind));
}

/** CR: mean over real images of (l(x) − l(T x))². */
export const consistency: AuxiliaryLoss = {
  description: {
    title: "Consistency (CR)",
    summary: "consistent logits for mirrored and moved real images",
    published: "10",
    arxiv: "1910.12027",
  },
  weights: "discriminator",
  discriminatorLoss: (input) => inconsistency(input, "real"),
};

/** bCR: CR, and the same mean over generated images. */
export const balancedConsistency: AuxiliaryLoss = {
  description: {
    title: "Balanced consistency (bCR)",
    summary: "the same for real and for generated images",
    published: "10",
    arxiv: "2002.04724",
  },
  weights: "discriminator",
  discriminatorLoss: (input) => add(inconsistency(input, "real"), inconsistency(input, "fake")),
};
