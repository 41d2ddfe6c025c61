/**
 * Adam (Kingma and Ba 2015) on one flat vector a network, in TensorFlow's "epsilon hat" form,
 *
 *     m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²      p ← p − α_t · m / (√v + ε)
 *
 * with α_t = α √(1 − β₂ᵗ) / (1 − β₁ᵗ), which the host computes in double precision and feeds.
 */
import { add, div, mul, sqrt, sub, type Tensor } from "../../graph/index.ts";

/** TensorFlow's default ε. */
export const ADAM_EPSILON = 1e-8;

/** Decay rates of the two moments. */
export interface AdamOptions {
  readonly beta1: number;
  /** A scalar tensor where it changes over a run. */
  readonly beta2: number | Tensor;
}

/** The three vectors of a network under Adam, each [P]. */
export interface AdamState {
  readonly parameters: Tensor;
  readonly m: Tensor;
  readonly v: Tensor;
}

/** One update. `learningRate` is α_t, a scalar tensor. */
export function adamUpdate(
  state: AdamState,
  gradient: Tensor,
  learningRate: Tensor,
  { beta1, beta2 }: AdamOptions,
): AdamState {
  // With β₁ = 0, as in the paper, the first moment is the gradient itself.
  const m = beta1 === 0 ? gradient : add(mul(state.m, beta1), mul(gradient, 1 - beta1));
  const v = add(
    mul(state.v, beta2),
    mul(mul(gradient, gradient), typeof beta2 === "number" ? 1 - beta2 : sub(1, beta2)),
  );
  const step = div(mul(m, learningRate), add(sqrt(v), ADAM_EPSILON));
  return { parameters: sub(state.parameters, step), m, v };
}
