/**
 * Animated GIFs, through gifenc. Every frame has a palette of its own: 256 colors are few for
 * photographs, and one palette for a whole walk would show bands.
 */
import * as gifenc from "gifenc";
import { enlargePixels } from "../enlarge.ts";
import type { Picture } from "./samples.ts";

const library = gifenc.quantize ? (gifenc as unknown as typeof gifenc.default) : gifenc.default;

/** A picture, and how long it stays. */
export interface Frame extends Picture {
  /** Milliseconds. */
  readonly delay?: number;
}

/**
 * Encode pictures of one size as an endless GIF.
 * @param delay milliseconds a frame, where it has none of its own; GIF counts in hundredths of a
 * second
 * @param scale every pixel becomes a square of so many; colors are chosen before, so that this
 * costs little
 * @throws RangeError without frames, or when their sizes differ
 */
export function encodeGif(frames: Iterable<Frame>, delay: number, scale = 1): Uint8Array {
  const encoder = library.GIFEncoder();
  let size: string | undefined;
  for (const { width, height, pixels, delay: own } of frames) {
    size ??= `${width}×${height}`;
    if (size !== `${width}×${height}`) throw new RangeError(`GIF frames of ${size} and ${width}×${height}`);
    const rgba = new Uint8Array(width * height * 4).fill(255);
    for (let i = 0; i < width * height; i++) rgba.set(pixels.subarray(i * 3, i * 3 + 3), i * 4);
    const palette = library.quantize(rgba, 256);
    const indices = enlargePixels(library.applyPalette(rgba, palette), width, 1, scale);
    const options = { palette, delay: own ?? delay, repeat: 0 };
    encoder.writeFrame(indices, width * scale, height * scale, options);
  }
  if (size === undefined) throw new RangeError("a GIF needs at least one frame");
  encoder.finish();
  return encoder.bytes();
}
