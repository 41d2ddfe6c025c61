/**
 * Animated GIFs, through gifenc. Every frame has a palette of its own: 256 colours are few for photographs, and one palette
 * for a whole walk would show bands.
 */
import * as gifenc from "gifenc";
import type { Picture } from "./samples.ts";

const library = gifenc.quantize ? (gifenc as unknown as typeof gifenc.default) : gifenc.default;

/**
 * Encode pictures of one size as an endless GIF.
 * @param delay milliseconds a frame; GIF counts in hundredths of a second
 * @throws RangeError without frames, or when their sizes differ
 */
export function encodeGif(frames: Iterable<Picture>, delay: number): Uint8Array {
  const encoder = library.GIFEncoder();
  let size: string | undefined;
  for (const { width, height, pixels } of frames) {
    size ??= `${width}×${height}`;
    if (size !== `${width}×${height}`) throw new RangeError(`GIF frames of ${size} and ${width}×${height}`);
    const rgba = new Uint8Array(width * height * 4).fill(255);
    for (let i = 0; i < width * height; i++) rgba.set(pixels.subarray(i * 3, i * 3 + 3), i * 4);
    const palette = library.quantize(rgba, 256);
    encoder.writeFrame(library.applyPalette(rgba, palette), width, height, { palette, delay, repeat: 0 });
  }
  if (size === undefined) throw new RangeError("a GIF needs at least one frame");
  encoder.finish();
  return encoder.bytes();
}
