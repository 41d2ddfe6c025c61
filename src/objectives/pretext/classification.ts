/** Losses of heads that name one class of several. */
import { argmax, cast, equal, logSoftmax, mean, mul, neg, sum, type Tensor } from "../../graph/index.ts";
import type { Labels, SeenViews } from "./pretext-task.ts";

/**
 * Mean cross-entropy −log softmax(logits)[label] over M rows; logits [M, K], labels one-hot [M, K].
 */
export const crossEntropy = (logits: Tensor, { oneHot }: Pick<Labels, "oneHot">): Tensor =>
  neg(mul(sum(mul(oneHot, logSoftmax(logits, 1))), 1 / logits.shape[0]!));

/** Share of M rows whose largest logit is that of their label. */
export const accuracy = (logits: Tensor, { indices }: Pick<Labels, "indices">): Tensor =>
  mean(cast(equal(argmax(logits, 1), indices), "float32"));

/** The labels of views. @throws Error for views without labels, which is a mistake in the task */
export function labelsOf({ labels }: SeenViews): Labels {
  if (!labels) throw new Error("the task classifies images that have no labels");
  return labels;
}
