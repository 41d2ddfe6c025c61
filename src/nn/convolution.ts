/**
 * Two-dimensional convolution layers with bias, forward and transposed, padded as TensorFlow's
 * "SAME" does: a stride s makes ⌈size/s⌉ of a size, and an odd number of zeros has the larger half
 * behind. For odd kernels at stride 1 that is the usual (k − 1)/2 on all sides; a 4 × 4 kernel of
 * stride 2 has 1 before and behind an even map, a 5 × 5 one 1 before and 2 behind.
 */
import { type ConvGeometry, conv2d, convGeometry, convInput, type Tensor } from "../graph/index.ts";
import type { Scope } from "./scope.ts";
import { kernelAndBias, type WeightOptions } from "./weights.ts";

/** A square window: side in pixels, and pixels from one place to the next. */
export interface Window {
  readonly size: number;
  readonly stride: number;
}

/** Zeros before and behind an axis of `length` pixels. */
export function samePadding(length: number, { size, stride }: Window): readonly [number, number] {
  const missing = Math.max(0, (Math.ceil(length / stride) - 1) * stride + size - length);
  const before = Math.floor(missing / 2);
  return [before, missing - before];
}

const geometry = (height: number, width: number, window: Window): ConvGeometry =>
  convGeometry({
    stride: window.stride,
    padding: [samePadding(height, window), samePadding(width, window)],
  });

/** x [N, in, H, W] → [N, out, ⌈H/stride⌉, ⌈W/stride⌉]; kernel [out, in, size, size], bias [out]. */
export function convolution(
  scope: Scope,
  x: Tensor,
  out: number,
  window: Window,
  options: WeightOptions,
): Tensor {
  const [, channels = 0, height = 0, width = 0] = x.shape;
  const { kernel, bias } = kernelAndBias(scope, [out, channels, window.size, window.size], out, options);
  const { strides, padding } = geometry(height, width, window);
  return conv2d(x, kernel, bias, { stride: strides, padding });
}

/**
 * x [N, in, H, W] → [N, out, stride · H, stride · W], the adjoint of the padded convolution that
 * goes the other way (TensorFlow's `conv2d_transpose`); kernel [in, out, size, size] as in
 * PyTorch's ConvTranspose2d, bias [out].
 */
export function transposedConvolution(
  scope: Scope,
  x: Tensor,
  out: number,
  window: Window,
  options: WeightOptions,
): Tensor {
  const [, channels = 0, height = 0, width = 0] = x.shape;
  const { kernel, bias } = kernelAndBias(scope, [channels, out, window.size, window.size], out, options);
  const size = [height * window.stride, width * window.stride] as const;
  return convInput(x, kernel, geometry(...size, window), size, bias);
}
