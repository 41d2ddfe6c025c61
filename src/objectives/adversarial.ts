/** Adversarial losses on the discriminator's logits for upright images: l_r on real ones, l_f on generated ones, both [N, 1]. */
import { add, mean, neg, relu, sub, type Tensor } from "../graph/index.ts";

/** The two halves of what the discriminator minimises, and what the generator minimises; all scalars. */
export interface AdversarialLoss {
  real(logits: Tensor): Tensor;
  fake(logits: Tensor): Tensor;
  generator(logits: Tensor): Tensor;
}

/** Hinge loss: mean max(0, 1 − l_r) + mean max(0, 1 + l_f) against −mean l_f (Lim and Ye 2017; Miyato et al. 2018). */
export const hinge: AdversarialLoss = {
  real: (logits) => mean(relu(sub(1, logits))),
  fake: (logits) => mean(relu(add(logits, 1))),
  generator: (logits) => neg(mean(logits)),
};

/** Losses by name. A new one is a line here. */
export const ADVERSARIAL_LOSSES = { hinge } as const satisfies Record<string, AdversarialLoss>;
export type AdversarialLossName = keyof typeof ADVERSARIAL_LOSSES;
