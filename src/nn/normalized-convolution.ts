/**
 * A convolution with batch normalization behind it, the unit of classification networks. In
 * inference the normalization is an affine map of each channel, which the convolution does by
 * itself with another kernel and a bias:
 *
 *     scale · (w ∗ x) + shift = (scale · w) ∗ x + shift
 */
import { add, conv2d, div, mul, reshape, sqrt, sub, type Tensor } from "../graph/index.ts";
import { type BatchNormOptions, batchNorm } from "./batch-norm.ts";
import { ones, zeros } from "./initializers.ts";
import type { Initializer, Scope } from "./scope.ts";

/**
 * The convolution; it has no bias of its own, which the normalization would only take away again.
 */
export interface NormalizedConvolution {
  readonly channels: number;
  /** Height and width of the kernel; one number for both. Odd. */
  readonly size: number | readonly [number, number];
  readonly stride?: number;
  /** `same`: a border that keeps the size at stride 1; `valid`: none. */
  readonly padding: "same" | "valid";
  readonly initialize: Initializer;
  readonly norm: BatchNormOptions;
}

/**
 * x [N, C, H, W] → [N, channels, H', W']. Parameters: kernel [channels, C, kh, kw] and those of
 * `norm`.
 */
export function normalizedConvolution(scope: Scope, x: Tensor, options: NormalizedConvolution): Tensor {
  const { channels, size, stride = 1, norm } = options;
  const [height, width] = typeof size === "number" ? [size, size] : size;
  const border = (length: number): readonly [number, number] =>
    options.padding === "same" ? [(length - 1) / 2, (length - 1) / 2] : [0, 0];
  const geometry = { stride, padding: [border(height), border(width)] } as const;

  const kernel = scope.parameter("kernel", [channels, x.shape[1]!, height, width], options.initialize);
  if (scope.training) return batchNorm(scope.child("norm"), conv2d(x, kernel, undefined, geometry), norm);
  const { scale, shift } = affineOf(scope.child("norm"), channels, norm);
  return conv2d(x, mul(kernel, reshape(scale, [channels, 1, 1, 1])), shift, geometry);
}

/** What `batchNorm` does in inference, with what it owns: y = x · scale + shift, both [C]. */
function affineOf(
  scope: Scope,
  channels: number,
  { epsilon }: BatchNormOptions,
): { readonly scale: Tensor; readonly shift: Tensor } {
  const gamma = scope.parameter("gamma", [channels], ones);
  const beta = scope.parameter("beta", [channels], zeros);
  const mean = scope.buffer("mean", [channels], zeros);
  const variance = scope.buffer("variance", [channels], ones);
  const scale = div(gamma, sqrt(add(variance, epsilon)));
  return { scale, shift: sub(beta, mul(mean, scale)) };
}
