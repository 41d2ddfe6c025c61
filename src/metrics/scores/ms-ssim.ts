/**
 * How alike generated images are to one another, by multi-scale structural similarity (Wang et al.
 * 2003), as Odena et al. (2017) and Fedus et al. (2018) use it for GANs and compare_gan computes
 * it: the mean over all pairs of different images in each of five batches of
 * 64. The lower, the more varied; a generator that always makes the same image reaches 1. Compare
 *   it with that of the real images.
 */

import { UserError } from "../../base/errors.ts";
import { metricValue } from "../../base/metric-quantities.ts";
import type { MetricDefinition, SampleImages } from "../metric.ts";

/** Images in a batch, and batches. */
export const MS_SSIM_BATCH = 64;
export const MS_SSIM_BATCHES = 5;
/** Of luminance, contrast and structure at each scale, the finest first (Wang et al. 2003). */
const SCALE_WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333] as const;
const WINDOW = 11;
const SIGMA = 1.5;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/**
 * One channel of one image at one scale, with what of its statistics needs no partner. Side s,
 * window w: arrays of (s − w + 1)².
 */
interface Plane {
  readonly side: number;
  readonly window: Float64Array;
  readonly values: Float64Array;
  readonly mean: Float64Array;
  /** Windowed mean of squares. */
  readonly squares: Float64Array;
}

/** The Gaussian window of one scale: the usual one cut to what fits into the image. */
function windowFor(side: number): Float64Array {
  const size = Math.min(WINDOW, side);
  const raw = Float64Array.from({ length: size }, (_, i) =>
    Math.exp((-0.5 * (i - (size - 1) / 2) ** 2) / SIGMA ** 2),
  );
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
}

/** Weighted means over every place of the window, [side, side] → [side − w + 1, side − w + 1]. */
function windowed(values: Float64Array, side: number, window: Float64Array): Float64Array {
  const size = side - window.length + 1;
  const across = new Float64Array(side * size);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < size; x++) {
      let total = 0;
      for (let t = 0; t < window.length; t++) total += window[t]! * values[y * side + x + t]!;
      across[y * size + x] = total;
    }
  const out = new Float64Array(size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      let total = 0;
      for (let t = 0; t < window.length; t++) total += window[t]! * across[(y + t) * size + x]!;
      out[y * size + x] = total;
    }
  return out;
}

/** Mean of 2×2 pixels; an odd side is continued by its last row and column. */
function halved(values: Float64Array, side: number): Float64Array {
  const size = Math.ceil(side / 2);
  const out = new Float64Array(size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [below, right] = [Math.min(2 * y + 1, side - 1), Math.min(2 * x + 1, side - 1)];
      out[y * size + x] =
        (values[2 * y * side + 2 * x]! +
          values[2 * y * side + right]! +
          values[below * side + 2 * x]! +
          values[below * side + right]!) /
        4;
    }
  return out;
}

/** An image as [3 channels][5 scales]. */
type Pyramid = readonly (readonly Plane[])[];

function pyramid({ pixels, side }: SampleImages, index: number): Pyramid {
  return [0, 1, 2].map((channel) => {
    const planes: Plane[] = [];
    let size = side;
    let values: Float64Array = Float64Array.from(
      { length: side * side },
      (_, p) => pixels[(index * side * side + p) * 3 + channel]!,
    );
    for (let scale = 0; scale < SCALE_WEIGHTS.length; scale++) {
      if (scale > 0) {
        values = halved(values, size);
        size = Math.ceil(size / 2);
      }
      const window = windowFor(size);
      planes.push({
        side: size,
        window,
        values,
        mean: windowed(values, size, window),
        squares: windowed(
          values.map((value) => value * value),
          size,
          window,
        ),
      });
    }
    return planes;
  });
}

/** Means over an image of luminance · contrast-structure, and of contrast-structure alone. */
function similarity(a: Plane, b: Plane): { readonly ssim: number; readonly structure: number } {
  const products = windowed(
    a.values.map((value, i) => value * b.values[i]!),
    a.side,
    a.window,
  );
  let [ssim, structure] = [0, 0];
  for (let i = 0; i < products.length; i++) {
    const [x, y] = [a.mean[i]!, b.mean[i]!];
    const luminance = (2 * x * y + C1) / (x * x + y * y + C1);
    const contrast = (2 * (products[i]! - x * y) + C2) / (a.squares[i]! + b.squares[i]! - x * x - y * y + C2);
    ssim += luminance * contrast;
    structure += contrast;
  }
  return { ssim: ssim / products.length, structure: structure / products.length };
}

function pairSimilarity(a: Pyramid, b: Pyramid): number {
  let total = 0;
  for (let channel = 0; channel < 3; channel++) {
    let product = 1;
    SCALE_WEIGHTS.forEach((weight, scale) => {
      const { ssim, structure } = similarity(a[channel]![scale]!, b[channel]![scale]!);
      const last = scale === SCALE_WEIGHTS.length - 1;
      product *= Math.max(0, last ? ssim : structure) ** weight;
    });
    total += product;
  }
  return total / 3;
}

/** Multi-scale structural similarity of two images of a set, in [0, 1]. */
export const msSsimOfPair = (images: SampleImages, a: number, b: number): number =>
  pairSimilarity(pyramid(images, a), pyramid(images, b));

/**
 * Mean similarity of different images in batches of 64, the first 320; fewer images make fewer or
 * smaller batches.
 * @throws UserError for fewer than two images
 */
export async function msSsimDiversity(
  images: SampleImages,
  onProgress?: (share: number) => void,
): Promise<number> {
  if (images.count < 2) throw new UserError("MS-SSIM of one image.", "It compares images with one another.");
  const batch = Math.min(MS_SSIM_BATCH, images.count);
  const batches = Math.min(MS_SSIM_BATCHES, Math.floor(images.count / batch));
  let total = 0;
  for (let first = 0; first < batches; first++) {
    const pyramids = Array.from({ length: batch }, (_, i) => pyramid(images, first * batch + i));
    for (let i = 0; i < batch; i++) {
      // Similarity is symmetric: every pair once.
      for (let j = 0; j < i; j++) total += pairSimilarity(pyramids[i]!, pyramids[j]!);
      onProgress?.((first + (i + 1) / batch) / batches);
      // Lets Ctrl-C through, and the line of progress: all of this is arithmetic in one go otherwise.
      await new Promise<void>((resume) => setTimeout(resume));
    }
  }
  return total / ((batches * batch * (batch - 1)) / 2);
}

/** MS-SSIM among the generated images, and among as many real ones. */
export const msSsim: MetricDefinition = {
  name: "ms-ssim",
  title: "MS-SSIM",
  description: "similarity of generated images to one another (Odena et al. 2017); 1 is all the same",
  better: "nearer to that of the reference",
  needs: ["images"],
  values: [metricValue("msSsim"), metricValue("msSsimReference")],
  async ofReference({ reference, onProgress }) {
    return { msSsimReference: await msSsimDiversity(reference.images!, onProgress) };
  },
  async compute({ generated, onProgress }) {
    return { msSsim: await msSsimDiversity(generated.images!, onProgress) };
  },
};
