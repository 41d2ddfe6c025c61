/** Fully connected layer. */
import { add, matmul, type Tensor } from "../graph/index.ts";
import type { Initialiser, Scope } from "./scope.ts";
import { spectralNormalise } from "./spectral-norm.ts";

/** How a weight layer begins and whether it is normalised. */
export interface WeightOptions {
  readonly kernel: Initialiser;
  /** For a kernel of the given shape, because PyTorch's default depends on it. */
  readonly bias: (kernelShape: readonly number[]) => Initialiser;
  readonly spectralNorm: boolean;
}

/** x [N, in] → [N, out]; kernel [out, in], bias [out]. */
export function linear(scope: Scope, x: Tensor, out: number, options: WeightOptions): Tensor {
  const shape = [out, x.shape[1]!];
  const kernel = scope.parameter("kernel", shape, options.kernel);
  const bias = scope.parameter("bias", [out], options.bias(shape));
  return add(matmul(x, options.spectralNorm ? spectralNormalise(scope, kernel) : kernel, false, true), bias);
}
