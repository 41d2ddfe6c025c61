/** Shape rules that convolutions share, whole or in groups. */
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type ConvGeometry, outputSize, type Pair, sizeOf } from "./conv-geometry.ts";

/** How a rule says that inputs do not fit. */
export type Fail = (reason: string) => never;

/** Images, maps and kernels are of rank 4, and float32. */
export function checkMaps(tensors: readonly (Tensor | undefined)[], fail: Fail): void {
  if (tensors.some((t) => t!.shape.length !== 4)) fail("needs two tensors of rank 4");
  if (tensors.some((t) => t!.dtype !== "float32")) fail("needs float32 (see cast)");
}

/** Size of the result for an image and a kernel of these sizes. */
const resultSize = (image: Pair, kernel: Pair, g: ConvGeometry): Pair => [
  outputSize(image[0], kernel[0], g, 0),
  outputSize(image[1], kernel[1], g, 1),
];

/** Size of the convolution of `x` with `w`. */
export function forwardSize(x: Tensor, w: Tensor, g: ConvGeometry, fail: Fail): Pair {
  const size = resultSize(sizeOf(x), sizeOf(w), g);
  if (size[0] < 1 || size[1] < 1) fail("the kernel is larger than the padded image");
  return size;
}

/**
 * The gradient `d` has the channels and the size of a convolution of an image of `size` with `w`.
 */
export function checkInputSize(size: Pair, d: Tensor, w: Tensor, g: ConvGeometry, fail: Fail): void {
  if (d.shape[1] !== w.shape[0])
    fail(`the gradient has ${d.shape[1]} channels, the kernel makes ${w.shape[0]}`);
  if (size.some((n) => n < 1)) fail(`an input of ${size} has no pixels`);
  const expected = resultSize(size, sizeOf(w), g);
  if (!sameShape(expected, sizeOf(d))) fail(`an input of ${size} gives an output of ${expected}`);
}

/** The gradient `d` has the batch and the size of a convolution of `x` with a kernel of `size`. */
export function checkKernelSize(size: Pair, x: Tensor, d: Tensor, g: ConvGeometry, fail: Fail): void {
  if (x.shape[0] !== d.shape[0]) fail("batch sizes differ");
  const expected = resultSize(sizeOf(x), size, g);
  if (!sameShape(expected, sizeOf(d))) fail(`a kernel of ${size} gives an output of ${expected}`);
}
