/** Images in memory, as the metrics take them. */
import type { ImageSet } from "../extraction/images.ts";

/**
 * Pixels as a set of images that metrics take.
 * @param all pixels of images of `side` pixels, one image after another
 */
export function imageSet(all: Uint8Array | Float32Array, side: number): ImageSet {
  const bytes = side * side * 3;
  const count = all.length / bytes;
  return {
    count,
    side,
    async *chunks(size) {
      for (let i = 0; i < count; i += size) {
        const part = all.subarray(i * bytes, Math.min(count, i + size) * bytes);
        yield { pixels: part, count: part.length / bytes };
      }
    },
  };
}
