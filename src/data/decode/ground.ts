/** The plain ground that drawings, logos and sprites stand on, found at the border of a picture. */

import { median } from "../../base/math/statistics.ts";

/** A color, 0–255 sRGB. */
export type Rgb = readonly [red: number, green: number, blue: number];

export const WHITE: Rgb = [255, 255, 255];

/**
 * Levels that a pixel of the ground may lie off its color, in each channel: noise of compression.
 */
const NEAR = 10;
/**
 * Share of the border that is of one color where the ground is plain; a figure may touch the rest.
 */
const PLAIN_SHARE = 0.6;

/**
 * The middle color of some pixels: of each channel the median.
 * @param pixels [height, width, 3]
 * @param places of pixels, counted in rows from the top; at least one
 */
export function medianColor(pixels: Uint8Array, places: readonly number[]): Rgb {
  const middle = (channel: number): number => median(places.map((place) => pixels[3 * place + channel]!))!;
  return [middle(0), middle(1), middle(2)];
}

/** The middle color of the border. @param pixels [height, width, 3] */
export const borderColor = (pixels: Uint8Array, width: number, height: number): Rgb =>
  medianColor(pixels, borderPlaces(width, height));

/** The color of the ground; undefined where the border is not of one color for the most part. */
export function plainGround(pixels: Uint8Array, width: number, height: number): Rgb | undefined {
  const color = borderColor(pixels, width, height);
  const places = borderPlaces(width, height);
  const alike = places.filter((place) => isNear(pixels, place, color)).length;
  return alike >= PLAIN_SHARE * places.length ? color : undefined;
}

/** Whether the pixel at `place`, counted in rows from the top, is of about this color. */
export function isNear(pixels: Uint8Array, place: number, color: Rgb): boolean {
  for (let channel = 0; channel < 3; channel++)
    if (Math.abs(pixels[3 * place + channel]! - color[channel]!) > NEAR) return false;
  return true;
}

/**
 * Whether the figure on a plain ground reaches the sides that a square crop has cut: left and right
 * of a wide picture, else top and bottom.
 * @param pixels [size, size, 3], after the crop
 */
export function isFigureCut(pixels: Uint8Array, size: number, wide: boolean): boolean {
  const ground = plainGround(pixels, size, size);
  if (!ground) return false;
  for (let i = 0; i < size; i++)
    for (const edge of [0, size - 1])
      if (!isNear(pixels, wide ? i * size + edge : edge * size + i, ground)) return true;
  return false;
}

/** Every place at the border once. */
function borderPlaces(width: number, height: number): number[] {
  const places: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x += y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1))
      places.push(y * width + x);
  return places;
}
