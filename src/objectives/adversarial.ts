/**
 * Adversarial losses on the discriminator's logits for upright images: l_r on real ones, l_f on generated ones, both [N, 1].
 * Forms and constants are compare_gan's (gans/loss_lib.py); p = sigmoid(l).
 */
import { add, mean, mul, neg, relu, sigmoid, softplus, sub, type Tensor } from "../graph/index.ts";

/** The two halves of what the discriminator minimises, and what the generator minimises; all scalars. */
export interface AdversarialLoss {
  real(logits: Tensor): Tensor;
  fake(logits: Tensor): Tensor;
  generator(logits: Tensor): Tensor;
}

/** −log p, stable. */
const missReal = (logits: Tensor): Tensor => softplus(neg(logits));
const halfSquare = (x: Tensor): Tensor => mul(mean(mul(x, x)), 0.5);

/** Hinge loss: mean max(0, 1 − l_r) + mean max(0, 1 + l_f) against −mean l_f (Lim and Ye 2017; Miyato et al. 2018). */
export const hinge: AdversarialLoss = {
  real: (logits) => mean(relu(sub(1, logits))),
  fake: (logits) => mean(relu(add(logits, 1))),
  generator: (logits) => neg(mean(logits)),
};

/** −mean log p_r − mean log (1 − p_f) against −mean log p_f (Goodfellow et al. 2014, §3); mimicry calls it "gan". */
export const nonSaturating: AdversarialLoss = {
  real: (logits) => mean(missReal(logits)),
  fake: (logits) => mean(softplus(logits)),
  generator: (logits) => mean(missReal(logits)),
};

/** The game as it was first written: the generator minimises mean log (1 − p_f) itself (Goodfellow et al. 2014, equation 1). */
export const minimax: AdversarialLoss = {
  ...nonSaturating,
  generator: (logits) => neg(mean(softplus(logits))),
};

/** −mean l_r + mean l_f against −mean l_f (Arjovsky et al. 2017); wants a discriminator of bounded slope. */
export const wasserstein: AdversarialLoss = {
  real: (logits) => neg(mean(logits)),
  fake: (logits) => mean(logits),
  generator: (logits) => neg(mean(logits)),
};

/** ½ mean (p_r − 1)² + ½ mean p_f² against ½ mean (p_f − 1)²: on probabilities, as compare_gan; Mao et al. 2017 use the logits. */
export const leastSquares: AdversarialLoss = {
  real: (logits) => halfSquare(sub(sigmoid(logits), 1)),
  fake: (logits) => halfSquare(sigmoid(logits)),
  generator: (logits) => halfSquare(sub(sigmoid(logits), 1)),
};

/** Losses by name. A new one is a line here. */
export const ADVERSARIAL_LOSSES = {
  hinge,
  "non-saturating": nonSaturating,
  minimax,
  wasserstein,
  "least-squares": leastSquares,
} as const satisfies Record<string, AdversarialLoss>;
export type AdversarialLossName = keyof typeof ADVERSARIAL_LOSSES;
