/** What the generator and the discriminator of FastGAN have in common. */
import { conv2d, type Tensor } from "../../graph/index.ts";
import { normal } from "../../nn/initializers.ts";
import type { Scope } from "../../nn/scope.ts";
import { type KernelOptions, weightKernel } from "../../nn/weights.ts";
import { scaleChannels, widthFits, widthStep } from "../width.ts";

/** Sides of the images they are made for. */
export const SIDES: readonly number[] = [64, 128, 256];

/** How all kernels begin: N(0, 0.02²). */
export const kernels = (spectralNorm: boolean): KernelOptions => ({ kernel: normal(0.02), spectralNorm });

/**
 * A convolution `size` × `size` without a bias: of stride 1 it keeps the size of the map, of stride
 * 2 it halves it.
 */
export function convolve(
  scope: Scope,
  x: Tensor,
  out: number,
  size: number,
  options: KernelOptions,
  stride = 1,
): Tensor {
  const kernel = weightKernel(scope, [out, x.shape[1]!, size, size], options);
  return conv2d(x, kernel, undefined, { stride, padding: Math.floor((size - 1) / 2) });
}

/**
 * How networks are made narrower and wider whose widths go by that of the first map.
 * @param tableOf channels of all maps for images of a side, the first one's before the others
 */
export function widthsBy(tableOf: (resolution: number) => readonly number[]) {
  const firstOf = (resolution: number): number => tableOf(resolution)[0]!;
  return {
    fullWidth: firstOf,
    widthStep: (resolution: number): number => widthStep(firstOf(resolution), tableOf(resolution)),
    widthFits: (resolution: number, width: number): boolean =>
      widthFits(tableOf(resolution), width, firstOf(resolution)),
    channelsFor: (resolution: number, width: number): number[] =>
      tableOf(resolution).map((channels) => scaleChannels(channels, width, firstOf(resolution))),
  };
}
