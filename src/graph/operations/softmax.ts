/** Numerically stable composites around the exponential. */
import type { Tensor } from "../tensor.ts";
import { sum } from "./broadcast.ts";
import { abs, add, exp, log, neg, relu, stopGradient, sub } from "./elementwise.ts";
import { max } from "./reduce.ts";

/**
 * log softmax along an axis: x − max − log Σ exp(x − max); the maximum is a constant shift and
 * carries no gradient.
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  const shifted = sub(x, stopGradient(max(x, [axis], true)));
  return sub(shifted, log(sum(exp(shifted), [axis], true)));
}

/** log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|), which never overflows. */
export function softplus(x: Tensor): Tensor {
  return add(relu(x), log(add(exp(neg(abs(x))), 1)));
}
