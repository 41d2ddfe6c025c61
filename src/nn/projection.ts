/** The class projection of a projection discriminator (Miyato and Koyama 2018). */
import { matmul, mul, sum, type Tensor } from "../graph/index.ts";
import type { Scope } from "./scope.ts";
import { type KernelOptions, weightKernel } from "./weights.ts";

/**
 * ⟨E y, h⟩ for features h [N, F] and one-hot classes y [N, K] → [N, 1]. The embedding, parameter
 * `kernel` [F, K], has no bias and is seen by spectral normalization like any linear layer's
 * kernel.
 */
export function classProjection(
  scope: Scope,
  features: Tensor,
  classes: Tensor,
  options: KernelOptions,
): Tensor {
  const embedding = weightKernel(scope, [features.shape[1]!, classes.shape[1]!], options);
  return sum(mul(matmul(classes, embedding, false, true), features), [1], true);
}
