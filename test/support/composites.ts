import type { Tensor } from "../../src/graph/index.ts";
import { batchNormalise } from "../../src/nn/batch-norm.ts";

/** The normalisation of nn/ with the statistics of the batch, in the form of the golden case. */
export function batchNormGolden(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
  return batchNormalise(x, gamma, beta, epsilon).y;
}
