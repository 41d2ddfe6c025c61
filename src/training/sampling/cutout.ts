/**
 * A figure cut out of its background and brought to one size. An image without a plain background
 * is all figure.
 */

import { medianColor } from "../../data/decode/ground.ts";

/** Side of a figure that was cut out, in pixels. */
export const SIDE = 16;
/**
 * How far a pixel lies from the background, 0…255, where it begins to count as figure, and over how
 * much it comes to count fully.
 */
const FAINT = 16;
const RAMP = 64;
/** Weight from which a pixel is inside of the figure's frame. */
const INSIDE = 0.25;

/** What is left of an image. */
export interface Cutout {
  /** The image itself, uint8 [S, S, 3]. */
  readonly pixels: Uint8Array;
  /** How much each pixel is figure, 0…1, [S · S]. */
  readonly weights: Float64Array;
  /** The figure's frame resized, [SIDE, SIDE, 3], 0…255; white where there is no figure. */
  readonly figure: Float64Array;
}

/**
 * Cut out the figure of an image: what differs from the median color of its border.
 * @param pixels uint8 [S, S, 3]
 */
export function cutOut(pixels: Uint8Array, side: number): Cutout {
  const background = medianColor(pixels, sidePlaces(side));
  const weights = new Float64Array(side * side);
  let [left, top, right, bottom] = [side, side, -1, -1];
  for (let i = 0; i < weights.length; i++) {
    let far = 0;
    for (let c = 0; c < 3; c++) far = Math.max(far, Math.abs(pixels[3 * i + c]! - background[c]!));
    weights[i] = Math.min(1, Math.max(0, (far - FAINT) / RAMP));
    if (weights[i]! < INSIDE) continue;
    const [x, y] = [i % side, Math.floor(i / side)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const figure = new Float64Array(SIDE * SIDE * 3).fill(255);
  if (right < 0) return { pixels, weights, figure };
  const [width, height] = [right - left + 1, bottom - top + 1];
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const across = place(left, width, x);
      const down = place(top, height, y);
      for (let c = 0; c < 3; c++) {
        const at = (row: number, column: number): number => pixels[(row * side + column) * 3 + c]!;
        const upper = mix(at(down.from, across.from), at(down.from, across.to), across.share);
        const lower = mix(at(down.to, across.from), at(down.to, across.to), across.share);
        figure[(y * SIDE + x) * 3 + c] = mix(upper, lower, down.share);
      }
    }
  return { pixels, weights, figure };
}

/**
 * Between which pixels of a frame that begins at `begin` the center of pixel `i` of `SIDE` lies.
 */
function place(begin: number, length: number, i: number): { from: number; to: number; share: number } {
  const position = Math.min(length - 1, Math.max(0, ((i + 0.5) * length) / SIDE - 0.5));
  const from = Math.floor(position);
  return { from: begin + from, to: begin + Math.min(length - 1, from + 1), share: position - from };
}

const mix = (a: number, b: number, share: number): number => a + (b - a) * share;

/** Pixels of the four sides; a corner belongs to two, as it did when the thresholds were fitted. */
const sidePlaces = (side: number): number[] =>
  Array.from({ length: side }, (_, i) => [i, (side - 1) * side + i, i * side, i * side + side - 1]).flat();
