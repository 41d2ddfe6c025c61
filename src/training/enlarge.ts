/**
 * Pictures of small images made large enough to be looked at: every pixel becomes a square of
 * pixels, so that nothing is invented.
 */
import type { Picture } from "./sampling/samples.ts";

/**
 * The whole number by which a picture is enlarged to be about `wanted` pixels wide; 1 for wider
 * ones.
 * @param width of the picture, in pixels
 */
export const scaleFor = (width: number, wanted: number): number => Math.max(1, Math.round(wanted / width));

/**
 * Every pixel as a square of `scale` × `scale` pixels.
 * @param values [height, width, channels]
 * @param scale a whole number ≥ 1; for 1 the same array comes back
 * @returns [height · scale, width · scale, channels]
 */
export function enlargePixels(
  values: Uint8Array,
  width: number,
  channels: number,
  scale: number,
): Uint8Array {
  if (scale === 1) return values;
  const height = values.length / (width * channels);
  const rowLength = width * scale * channels;
  const out = new Uint8Array(values.length * scale * scale);
  for (let y = 0; y < height; y++) {
    const start = y * scale * rowLength;
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      for (let i = 0; i < scale; i++)
        out.set(values.subarray(from, from + channels), start + (x * scale + i) * channels);
    }
    const row = out.subarray(start, start + rowLength);
    for (let i = 1; i < scale; i++) out.set(row, start + i * rowLength);
  }
  return out;
}

/** A picture `scale` times as wide and as high. */
export const enlarge = ({ width, height, pixels }: Picture, scale: number): Picture => ({
  width: width * scale,
  height: height * scale,
  pixels: enlargePixels(pixels, width, 3, scale),
});
