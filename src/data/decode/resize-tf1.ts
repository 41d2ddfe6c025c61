/**
 * Bilinear resizing as TensorFlow 1's `tf.image.resize_images` did it, which is how compare_gan's
 * images were made. Output pixel i looks at input position i · (in / out), without half-pixel
 * centers, and mixes its two neighbors; nothing is averaged over the pixels in between, so making
 * images smaller aliases. For new data sets an antialiased filter is better.
 */

/** For every output place: the two input places and the share of the second. */
interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly share: Float64Array;
}

/**
 * Resizes [height, width, 3], values 0–255, to [size, size, 3]; rounded to the nearest whole
 * number, where TensorFlow goes on with the fraction.
 */
export function resizeBilinearTf1(
  pixels: Uint8Array,
  width: number,
  height: number,
  size: number,
): Uint8Array {
  const out = new Uint8Array(3 * size * size);
  const [across, down] = [taps(width, size), taps(height, size)];
  for (let y = 0; y < size; y++) {
    const [upper, lower] = [3 * width * down.low[y]!, 3 * width * down.high[y]!];
    for (let x = 0; x < size; x++) {
      const [left, right, share] = [3 * across.low[x]!, 3 * across.high[x]!, across.share[x]!];
      for (let channel = 0; channel < 3; channel++) {
        const top = mix(pixels[upper + left + channel]!, pixels[upper + right + channel]!, share);
        const bottom = mix(pixels[lower + left + channel]!, pixels[lower + right + channel]!, share);
        out[3 * (y * size + x) + channel] = Math.round(mix(top, bottom, down.share[y]!));
      }
    }
  }
  return out;
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

function taps(from: number, to: number): Taps {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const share = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const at = (i * from) / to;
    low[i] = Math.floor(at);
    high[i] = Math.min(from - 1, Math.floor(at) + 1);
    share[i] = at - Math.floor(at);
  }
  return { low, high, share };
}
