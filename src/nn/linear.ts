/** Fully connected layers. */
import { add, matmul, type Tensor } from "../graph/index.ts";
import type { Scope } from "./scope.ts";
import { type KernelOptions, kernelAndBias, type WeightOptions, weightKernel } from "./weights.ts";

/** x [N, in] → [N, out]; kernel [out, in], bias [out]. */
export function linear(scope: Scope, x: Tensor, out: number, options: WeightOptions): Tensor {
  const { kernel, bias } = kernelAndBias(scope, [out, x.shape[1]!], out, options);
  return add(matmul(x, kernel, false, true), bias);
}

/** x [N, in] → [N, out] without a bias; kernel [out, in]. */
export const linearMap = (scope: Scope, x: Tensor, out: number, options: KernelOptions): Tensor =>
  matmul(x, weightKernel(scope, [out, x.shape[1]!], options), false, true);
