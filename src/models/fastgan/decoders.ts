/**
 * The decoders of FastGAN's discriminator (Liu et al. 2021, §3.2; the authors' `SimpleDecoder`),
 * which paint an image again from a map of 8 × 8 places:
 *
 *     nearest neighbors ×2 → conv 3 × 3 → norm → gated linear unit, again and again;   conv 3 × 3 → tanh
 *
 * to 128, 64, 64, 32 channels at 16, 32, 64 and 128 pixels, without biases. There are three: of the
 * first trunk's last map and of the second trunk's, which paint the whole image, and of a quarter
 * of the first trunk's map of 16 × 16, which paints that quarter of it. All paint half as many
 * pixels along a side as the image has: 128 of 256, as published.
 */
import { type Tensor, tanh } from "../../graph/index.ts";
import { gatedLinearUnit } from "../../nn/gating.ts";
import { quadrantOf } from "../../nn/quadrant.ts";
import { nearestNeighbor } from "../../nn/resample.ts";
import type { Normalize } from "../../nn/residual-block.ts";
import type { Scope } from "../../nn/scope.ts";
import type { KernelOptions } from "../../nn/weights.ts";
import type { PaintedImages } from "../model.ts";
import { convolve } from "./style.ts";

/** Channels at 16, 32, 64 and 128 pixels where the discriminator is as wide as published. */
const CHANNELS = [128, 64, 64, 32];
const FEWEST_CHANNELS = 4;

/** What is decoded. */
export interface DecodedMaps {
  /** The last map of the first trunk, [M, C, 8, 8], and the one before it, [M, D, 16, 16]. */
  readonly last: Tensor;
  readonly map: Tensor;
  /** The last map of the second trunk, [M, E, 8, 8]. */
  readonly half: Tensor;
}

/** How it is decoded. */
export interface DecoderOptions {
  /** Pixels along a side of what is painted, 32, 64 or 128. */
  readonly side: number;
  /** Width of the discriminator as a share of the published one. */
  readonly relativeWidth: number;
  readonly kernels: KernelOptions;
  readonly normalize: Normalize | undefined;
}

function decode(scope: Scope, map: Tensor, options: DecoderOptions): Tensor {
  let x = map;
  for (let i = 1; x.shape[2]! < options.side; i++) {
    const channels = Math.max(FEWEST_CHANNELS, Math.round(CHANNELS[i - 1]! * options.relativeWidth));
    const y = convolve(scope.child(`conv${i}`), nearestNeighbor(x), 2 * channels, 3, options.kernels);
    x = gatedLinearUnit(options.normalize ? options.normalize(scope.child(`norm${i}`), y) : y);
  }
  return tanh(convolve(scope.child("finalConv"), x, 3, 3, options.kernels));
}

/**
 * The three images, [M, 3, side, side].
 * @param chosen which quarter of each image is painted, one-hot rows [M, 4]
 */
export const painted = (
  scope: Scope,
  { last, map, half }: DecodedMaps,
  chosen: Tensor,
  options: DecoderOptions,
): PaintedImages => ({
  whole: decode(scope.child("whole"), last, options),
  half: decode(scope.child("half"), half, options),
  quadrant: decode(scope.child("quadrant"), quadrantOf(map, chosen), options),
});
