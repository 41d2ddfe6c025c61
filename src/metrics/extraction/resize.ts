/**
 * The resizers on which published numbers depend, on square images of any number type, separable
 * and in double precision. Each is a matrix [to, from] with few elements beside the diagonal; both
 * axes are multiplied by it.
 *
 * - `tf1-bilinear`: TensorFlow 1's resize_bilinear with align_corners false: source = i · from/to,
 *   no half-pixel centers, no antialiasing. [0, 1] becomes [0, 0.5, 1, 1]: everything moves by half
 *   a pixel.
 * - `half-pixel-bilinear`: PyTorch's interpolate with align_corners false: source = (i + ½) ·
 *   from/to − ½, no antialiasing.
 * - `pil-bicubic`: Pillow's BICUBIC on float images (a = −½), widened by from/to where it shrinks;
 *   the result is clipped to 0…255. What clean-fid calls clean (Parmar et al. 2022).
 */

/**
 * The matrix of a resizer, row by row: output `i` is the sum over t of weights[i, t] ·
 * input[first[i] + t].
 */
export interface Taps {
  readonly from: number;
  readonly to: number;
  /** Weights a row. */
  readonly width: number;
  /** [to] */
  readonly first: Int32Array;
  /** [to, width] */
  readonly weights: Float64Array;
}

/** Weights of one output, the first of them for input `first`. */
interface Row {
  readonly first: number;
  readonly weights: readonly number[];
}

const RULES = {
  "tf1-bilinear": (i: number, from: number, to: number): Row => linear((i * from) / to, from),
  "half-pixel-bilinear": (i: number, from: number, to: number): Row =>
    linear(Math.max(0, ((i + 0.5) * from) / to - 0.5), from),
  "pil-bicubic": (i: number, from: number, to: number): Row => {
    const scale = from / to;
    const wide = Math.max(1, scale);
    const center = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - 2 * wide + 0.5));
    const end = Math.min(from, Math.trunc(center + 2 * wide + 0.5));
    const weights = Array.from({ length: end - first }, (_, t) => cubic((first + t - center + 0.5) / wide));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  },
} as const;

/** How images are resized. */
export type ResizeName = keyof typeof RULES;

/** Between the two neighbors of a position; beyond the edge, the edge. */
function linear(position: number, from: number): Row {
  const below = Math.min(Math.floor(position), from - 1);
  if (below === from - 1) return { first: below, weights: [1] };
  return { first: below, weights: [1 - (position - below), position - below] };
}

/** Keys's cubic convolution kernel with a = −½. */
function cubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((t - 5) * t + 8) * t * a - 4 * a : 0;
}

/** The matrix of a resizer from side `from` to side `to`. */
export function resizeTaps(name: ResizeName, from: number, to: number): Taps {
  const rows = Array.from({ length: to }, (_, i) => RULES[name](i, from, to));
  const width = Math.max(...rows.map((row) => row.weights.length));
  const first = new Int32Array(to);
  const weights = new Float64Array(to * width);
  rows.forEach((row, i) => {
    // Rows at the edge are shorter: moved so that all of the window lies inside.
    first[i] = Math.max(0, Math.min(row.first, from - width));
    weights.set(row.weights, i * width + row.first - first[i]!);
  });
  return { from, to, width, first, weights };
}

/**
 * Images at the side that a feature network wants.
 * @param images [count, from, from, 3], 0…255
 * @returns [count, to, to, 3]; the images themselves when the side is right already
 */
export function resizeImages(
  images: Uint8Array | Float32Array,
  count: number,
  from: number,
  to: number,
  name: ResizeName,
): Uint8Array | Float32Array {
  if (from === to) return images;
  const taps = resizeTaps(name, from, to);
  const clip = name === "pil-bicubic";
  const out = new Float32Array(count * to * to * 3);
  const across = new Float64Array(from * to * 3);
  for (let n = 0; n < count; n++) {
    resizeRows(images, n * from * from * 3, across, taps);
    resizeColumns(across, out, n * to * to * 3, taps, clip);
  }
  return out;
}

/** [from, from, 3] → [from, to, 3] */
function resizeRows(
  images: Uint8Array | Float32Array,
  offset: number,
  out: Float64Array,
  { from, to, width, first, weights }: Taps,
): void {
  for (let y = 0; y < from; y++)
    for (let x = 0; x < to; x++) {
      let [r, g, b] = [0, 0, 0];
      for (let t = 0, at = offset + (y * from + first[x]!) * 3; t < width; t++, at += 3) {
        const weight = weights[x * width + t]!;
        r += weight * images[at]!;
        g += weight * images[at + 1]!;
        b += weight * images[at + 2]!;
      }
      const at = (y * to + x) * 3;
      out[at] = r;
      out[at + 1] = g;
      out[at + 2] = b;
    }
}

/** [from, to, 3] → [to, to, 3] */
function resizeColumns(
  across: Float64Array,
  out: Float32Array,
  offset: number,
  { to, width, first, weights }: Taps,
  clip: boolean,
): void {
  const row = to * 3;
  for (let y = 0; y < to; y++)
    for (let x = 0; x < row; x++) {
      let value = 0;
      for (let t = 0; t < width; t++) value += weights[y * width + t]! * across[(first[y]! + t) * row + x]!;
      out[offset + y * row + x] = clip ? Math.min(255, Math.max(0, value)) : value;
    }
}
