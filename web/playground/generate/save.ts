/** Pictures of the view as files. */
import { encodeGif } from "../../../src/training/sampling/gif.ts";
import { pngOf } from "../../../src/training/sampling/png.ts";
import { imageGrid, type Picture } from "../../../src/training/sampling/samples.ts";
import { enlarge, factorFor } from "../pictures.ts";

/** Least width of a saved image, in pixels, as far as whole factors allow. */
const SAVED_WIDTH = 256;

/** Images of one size as one PNG, eight in a row. */
export function gridPng(pictures: readonly Picture[], side: number): Uint8Array {
  const images = new Uint8Array(pictures.length * side * side * 3);
  for (const [i, { pixels }] of pictures.entries()) images.set(pixels, i * side * side * 3);
  return pngOf(imageGrid(images, side, 8));
}

/** One image as a PNG, enlarged. */
export const imagePng = (picture: Picture): Uint8Array =>
  pngOf(enlarge(picture, factorFor(picture.width, SAVED_WIDTH)));

/** Images of one size after one another, enlarged. @param delay milliseconds a frame */
export function walkGif(frames: readonly Picture[], delay: number): Uint8Array {
  const factor = factorFor(frames[0]!.width, SAVED_WIDTH);
  return encodeGif(
    frames.map((frame) => enlarge(frame, factor)),
    delay,
  );
}
