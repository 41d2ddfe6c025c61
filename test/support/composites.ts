import type { Tensor } from "../../src/graph/index.ts";
import { batchNormalize } from "../../src/nn/batch-norm.ts";

/** The normalization of nn/ with the statistics of the batch, in the form of the golden case. */
export function batchNormGolden(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
  return batchNormalize(x, gamma, beta, epsilon).y;
}
