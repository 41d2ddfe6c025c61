/**
 * Adversarial losses on the discriminator's logits for upright images: l_r on real ones, l_f on
 * generated ones, both [N, 1]. Forms and constants are compare_gan's (gans/loss_lib.py); p =
 * sigmoid(l).
 */
import { add, mean, mul, neg, relu, sigmoid, softplus, sub, type Tensor } from "../graph/index.ts";

/**
 * Logits [N, 1] of as many real as generated images; image i of one is paired with image i of the
 * other.
 */
export interface Logits {
  readonly real: Tensor;
  readonly fake: Tensor;
}

/** What each network minimizes; all scalars. */
export interface AdversarialLoss {
  /** Whether the generator's loss looks at real images too, so that its step needs some. */
  readonly pairs: boolean;
  /** The two shares whose sum the discriminator minimizes. */
  discriminator(logits: Logits): Logits;
  /** What the generator minimizes. `real` is there where `pairs` is true. */
  generator(fake: Tensor, real: Tensor | undefined): Tensor;
}

/** A loss that looks at real and generated images apart, each with a function of its own. */
const apart = (parts: {
  real(logits: Tensor): Tensor;
  fake(logits: Tensor): Tensor;
  generator(logits: Tensor): Tensor;
}): AdversarialLoss => ({
  pairs: false,
  discriminator: ({ real, fake }) => ({ real: parts.real(real), fake: parts.fake(fake) }),
  generator: (fake) => parts.generator(fake),
});

/** −log p, stable. */
const missReal = (logits: Tensor): Tensor => softplus(neg(logits));
const halfSquare = (x: Tensor): Tensor => mul(mean(mul(x, x)), 0.5);

/**
 * Hinge loss: mean max(0, 1 − l_r) + mean max(0, 1 + l_f) against −mean l_f (Lim and Ye 2017;
 * Miyato et al. 2018).
 */
export const hinge = apart({
  real: (logits) => mean(relu(sub(1, logits))),
  fake: (logits) => mean(relu(add(logits, 1))),
  generator: (logits) => neg(mean(logits)),
});

/**
 * −mean log p_r − mean log (1 − p_f) against −mean log p_f (Goodfellow et al. 2014, §3); mimicry
 * calls it "gan".
 */
export const nonSaturating = apart({
  real: (logits) => mean(missReal(logits)),
  fake: (logits) => mean(softplus(logits)),
  generator: (logits) => mean(missReal(logits)),
});

/**
 * The game as it was first written: the generator minimizes mean log (1 − p_f) itself (Goodfellow
 * et al. 2014, equation 1).
 */
export const minimax: AdversarialLoss = {
  ...nonSaturating,
  generator: (logits) => neg(mean(softplus(logits))),
};

/**
 * −mean l_r + mean l_f against −mean l_f (Arjovsky et al. 2017); wants a discriminator of bounded
 * slope.
 */
export const wasserstein = apart({
  real: (logits) => neg(mean(logits)),
  fake: (logits) => mean(logits),
  generator: (logits) => neg(mean(logits)),
});

/**
 * ½ mean (p_r − 1)² + ½ mean p_f² against ½ mean (p_f − 1)²: on probabilities, as compare_gan; Mao
 * et al. 2017 use the logits.
 */
export const leastSquares = apart({
  real: (logits) => halfSquare(sub(sigmoid(logits), 1)),
  fake: (logits) => halfSquare(sigmoid(logits)),
  generator: (logits) => halfSquare(sub(sigmoid(logits), 1)),
});

/**
 * The relativistic pairing loss: mean softplus(−(l_r − l_f)) against mean softplus(−(l_f − l_r)),
 * over pairs of a real and a generated image (Jolicoeur-Martineau 2018; Huang et al. 2024, R3GAN,
 * equation 2). A generated image has to beat a real one, so leaving out a part of the data is never
 * at rest. It converges with zero-centered penalties (`r1`, `r1-r2`). The discriminator's loss has
 * no halves: each share is half of it.
 */
export const relativistic: AdversarialLoss = {
  pairs: true,
  discriminator: ({ real, fake }) => {
    const half = mul(mean(softplus(sub(fake, real))), 0.5);
    return { real: half, fake: half };
  },
  generator(fake, real) {
    if (!real) throw new Error("the relativistic loss needs logits of real images");
    return mean(softplus(sub(real, fake)));
  },
};

/** Losses by name. A new one is a line here. */
export const ADVERSARIAL_LOSSES = {
  hinge,
  "non-saturating": nonSaturating,
  minimax,
  wasserstein,
  "least-squares": leastSquares,
  relativistic,
} as const satisfies Record<string, AdversarialLoss>;
export type AdversarialLossName = keyof typeof ADVERSARIAL_LOSSES;
