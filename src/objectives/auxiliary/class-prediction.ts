/**
 * Few labels (Lucic et al. 2019, S3GAN, arXiv 1903.02271; in the form of google/compare_gan,
 * `gans/s3gan.py`): a linear head c of the discriminator's pooled features learns the classes of
 * the real images that have a label, and its predictions stand in for the labels of the others.
 * With y one-hot, or 0 for an image without a label, and ŷ = onehot(argmax c(x)) (`predicted`) or
 * softmax c(x) (`predicted-soft`), the real/fake logit of a projection discriminator is
 *
 *     l(x) = ψ(x) + ⟨E(y + (1 − Σ y) · ŷ), φ(x)⟩          no gradient flows through the parentheses
 *     L_D += λ · Σ CE(c(x), y) / number of labels          over the real images x that have one
 *
 * Nothing is added where none of a pass has a label. Generated images have the classes they were
 * made for, so that c enters the generator's loss nowhere.
 */
import {
  add,
  argmax,
  div,
  exp,
  logSoftmax,
  maximum,
  mul,
  neg,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../../graph/index.ts";
import { oneHot } from "../images.ts";
import type { AuxiliaryInput, AuxiliaryLoss } from "./auxiliary.ts";

/**
 * Classes as the projection is told them: as given, and predicted where none is given.
 * @param given one-hot rows [M, K], zeros for images without a label
 * @param logits of the classes, [M, K]
 * @param soft whether all classes by their probabilities are told, or the likeliest one alone
 */
export function givenOrPredicted(given: Tensor, logits: Tensor, soft: boolean): Tensor {
  const predicted = soft ? exp(logSoftmax(logits, 1)) : oneHot(argmax(logits, 1), logits.shape[1]!);
  const unknown = sub(1, sum(given, [1], true));
  return stopGradient(add(given, mul(unknown, predicted)));
}

/** Mean cross-entropy of the rows of `given` that are not zeros; 0 where all are. */
function labeledCrossEntropy(logits: Tensor, given: Tensor): Tensor {
  const labeled = maximum(sum(given), 1);
  return div(neg(sum(mul(given, logSoftmax(logits, 1)))), labeled);
}

/** S3GAN's class loss. */
export const classPrediction: AuxiliaryLoss = {
  description: {
    title: "class prediction",
    summary: "classes of labeled real images are told from their features, S3GAN",
    published: "1",
    arxiv: "1903.02271",
  },
  weights: "discriminator",
  discriminatorLoss({ images, outputFor }: AuxiliaryInput): Tensor {
    const { classes } = images("real");
    const { classLogits } = outputFor("real");
    if (!classes || !classLogits) throw new Error("the discriminator predicts no classes");
    return labeledCrossEntropy(classLogits, classes);
  },
};
