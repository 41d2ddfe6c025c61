/** What the two gradient penalties share: how far the discriminator's slope is from 1. */
import { add, gradients, mean, mul, sqrt, sub, sum, type Tensor } from "../../graph/index.ts";

/**
 * Keeps the root differentiable where the gradient vanishes (compare_gan; others use 0 or 1e-12).
 */
const EPSILON = 1e-4;

/**
 * mean over the batch of (slope − 1)², slope = √(1e-4 + Σ_{C,H,W} (∂ Σ logits / ∂ x)²). The
 * gradient by x is itself a graph, so that this is differentiated once more by the discriminator's
 * parameters. Logits of one image depend on that image alone, which is why the sum over the batch
 * gives every image its own gradient.
 * @param logits [N, 1] @param images the x of which they were computed, [N, 3, S, S]
 */
export function slopePenalty(logits: Tensor, images: Tensor): Tensor {
  const [slopeVector] = gradients(sum(logits), [images]) as [Tensor];
  const slope = sqrt(add(sum(mul(slopeVector, slopeVector), [1, 2, 3]), EPSILON));
  const excess = sub(slope, 1);
  return mean(mul(excess, excess));
}
