/** Two-dimensional convolution layer with bias, "same" padding for odd kernels at stride 1. */
import { conv2d, type Tensor } from "../graph/index.ts";
import type { WeightOptions } from "./linear.ts";
import type { Scope } from "./scope.ts";
import { spectralNormalise } from "./spectral-norm.ts";

/** x [N, in, H, W] → [N, out, H, W] with an odd `size` × `size` kernel [out, in, size, size] and a bias [out]. */
export function convolution(
  scope: Scope,
  x: Tensor,
  out: number,
  size: number,
  options: WeightOptions,
): Tensor {
  const shape = [out, x.shape[1]!, size, size];
  const kernel = scope.parameter("kernel", shape, options.kernel);
  const bias = scope.parameter("bias", [out], options.bias(shape));
  return conv2d(x, options.spectralNorm ? spectralNormalise(scope, kernel) : kernel, bias, {
    padding: (size - 1) / 2,
  });
}
