/** What every weight layer has in common: how its kernel and bias begin, and whether the kernel is normalised. */
import type { Tensor } from "../graph/index.ts";
import type { Initialiser, Scope } from "./scope.ts";
import { spectralNormalise } from "./spectral-norm.ts";

/** How a kernel begins and whether it is normalised. */
export interface KernelOptions {
  readonly kernel: Initialiser;
  readonly spectralNorm: boolean;
}

/** How a weight layer begins and whether it is normalised. */
export interface WeightOptions extends KernelOptions {
  /** For a kernel of the given shape, because PyTorch's default depends on it. */
  readonly bias: (kernelShape: readonly number[]) => Initialiser;
}

/** The scope's parameter `kernel`, divided by its spectral norm if the options say so. */
export function weightKernel(scope: Scope, shape: readonly number[], options: KernelOptions): Tensor {
  const kernel = scope.parameter("kernel", shape, options.kernel);
  return options.spectralNorm ? spectralNormalise(scope, kernel) : kernel;
}

/** The scope's parameters `kernel`, as above, and `bias` with one number for each of `out` outputs. */
export function kernelAndBias(
  scope: Scope,
  shape: readonly number[],
  out: number,
  options: WeightOptions,
): { readonly kernel: Tensor; readonly bias: Tensor } {
  const kernel = weightKernel(scope, shape, options);
  return { kernel, bias: scope.parameter("bias", [out], options.bias(shape)) };
}
