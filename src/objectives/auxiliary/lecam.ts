/**
 * LeCam regularization (Tseng et al. 2021, arXiv 2104.03310), for small data: logits of real images
 * shall not rise above where those of generated ones have been lately, nor those of generated
 * images fall below where those of real ones have been.
 *
 *     L_D += λ · [mean max(0, l_r − m_f)² + mean max(0, m_r − l_f)²]
 *
 * m_r and m_f are moving averages of the logits of the two kinds, this batch included, which are
 * constants for the gradient. They are averages with weights that sum to 1 from the first update on
 * (Σ γ^k l / Σ γ^k), so that the loss needs no steps to wait for.
 */
import { add, div, mean, mul, relu, reshape, stopGradient, sub, type Tensor } from "../../graph/index.ts";
import { zeros } from "../../nn/initializers.ts";
import type { Scope } from "../../nn/scope.ts";
import type { AuxiliaryLoss } from "./auxiliary.ts";

/** Share of the old average that is kept in an update (StudioGAN, lecam_ema_decay). */
const DECAY = 0.99;
/** Sums of logits and of weights, [1] each. */
const BUFFERS = ["real", "fake", "weight"] as const;

const read = (scope: Scope, name: (typeof BUFFERS)[number]): Tensor => scope.buffer(name, [1], zeros);

/** Give a buffer its next value, old · γ + value · (1 − γ). @returns it */
function move(scope: Scope, name: (typeof BUFFERS)[number], value: Tensor | number): Tensor {
  const next = stopGradient(add(mul(read(scope, name), DECAY), mul(value, 1 - DECAY)));
  scope.update(name, next);
  return next;
}

const squaredExcess = (x: Tensor): Tensor => {
  const excess = relu(x);
  return mean(mul(excess, excess));
};

/** Regularization by the averages of earlier logits (LeCam). */
export const lecam: AuxiliaryLoss = {
  description: {
    title: "LeCam",
    summary: "logits held near moving averages of those of the other kind, for small data",
    published: "0.3",
    arxiv: "2104.03310",
  },
  weights: "discriminator",
  state: (scope) => {
    for (const name of BUFFERS) read(scope, name);
  },
  discriminatorLoss({ outputFor, state }) {
    const [real, fake] = [outputFor("real").logits, outputFor("fake").logits];
    const weight = move(state, "weight", 1);
    const average = (kind: "real" | "fake", logits: Tensor): Tensor =>
      reshape(div(move(state, kind, reshape(mean(logits), [1])), weight), [1, 1]);
    const [averageReal, averageFake] = [average("real", real), average("fake", fake)];
    return add(squaredExcess(sub(real, averageFake)), squaredExcess(sub(averageReal, fake)));
  },
};
