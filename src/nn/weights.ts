/**
 * What every weight layer has in common: how its kernel and bias begin, and whether the kernel is
 * normalized.
 */
import type { Tensor } from "../graph/index.ts";
import type { Initializer, Scope } from "./scope.ts";
import { spectralNormalize } from "./spectral-norm.ts";

/** How a kernel begins and whether it is normalized. */
export interface KernelOptions {
  readonly kernel: Initializer;
  readonly spectralNorm: boolean;
}

/** How a weight layer begins and whether it is normalized. */
export interface WeightOptions extends KernelOptions {
  /** For a kernel of the given shape, because PyTorch's default depends on it. */
  readonly bias: (kernelShape: readonly number[]) => Initializer;
}

/** The scope's parameter `kernel`, divided by its spectral norm if the options say so. */
export function weightKernel(scope: Scope, shape: readonly number[], options: KernelOptions): Tensor {
  const kernel = scope.parameter("kernel", shape, options.kernel);
  return options.spectralNorm ? spectralNormalize(scope, kernel) : kernel;
}

/**
 * The scope's parameters `kernel`, as above, and `bias` with one number for each of `out` outputs.
 */
export function kernelAndBias(
  scope: Scope,
  shape: readonly number[],
  out: number,
  options: WeightOptions,
): { readonly kernel: Tensor; readonly bias: Tensor } {
  const kernel = weightKernel(scope, shape, options);
  return { kernel, bias: scope.parameter("bias", [out], options.bias(shape)) };
}
