/**
 * How an image of any shape becomes a square one: which part of it is taken, and by which filter
 * that part is resized. Pure arithmetic; decoding is in `decode.node.ts`. The names are those of
 * the configuration and of every summary, so that a number measured on images can say how they were
 * made.
 *
 * - `centre-crop`: the largest centered square. compare_gan's ImageNet evaluation ("middle") and
 *   mimicry.
 * - `random-square-crop`: compare_gan's ImageNet training ("distorted"): a square of 50–100 % of
 *   the area at a random place, or the whole image, squeezed, where no such square fits (sides of
 *   more than 2 : 1).
 * - `crop-or-pad`: the center at its own scale, never resized; smaller images get a black border.
 *   compare_gan's LSUN.
 * - `celeba-178`, `celeba-160`: the centered square of so many pixels, then resized; mimicry's and
 *   compare_gan's CelebA.
 * - `pad-border`, `pad-white`: the whole image in the middle of a square, the rest filled with the
 *   color of its border, or white; for drawings and logos on plain ground, of which a crop would
 *   cut the ends off. Ours.
 */
import { randomStream } from "../../base/random.ts";
import { borderColor, type Rgb, WHITE } from "./ground.ts";

/** Every way of making an image square. */
export const PREPROCESSINGS = [
  "centre-crop",
  "random-square-crop",
  "crop-or-pad",
  "celeba-178",
  "celeba-160",
  "pad-border",
  "pad-white",
] as const;
export type Preprocessing = (typeof PREPROCESSINGS)[number];

/**
 * Every filter for resizing. `lanczos3` is free of aliasing; `bilinear-tf1` is what TensorFlow 1
 * does (`resizeBilinearTf1`), with aliasing when it makes images smaller, as compare_gan's data had
 * it.
 */
export const RESIZES = ["lanczos3", "bilinear-tf1"] as const;
export type Resize = (typeof RESIZES)[number];

/** The square that is wanted of every image. */
export interface Square {
  /** Side in pixels. */
  readonly size: number;
  readonly preprocessing: Preprocessing;
  readonly resize: Resize;
}

/**
 * A rectangle in pixels of an image. It may reach beyond the image: what is outside is black, or
 * what `outsideColor` says.
 */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Share of the area that `random-square-crop` takes at least (compare_gan datasets.py: area_range
 * 0.5–1).
 */
const MIN_AREA = 0.5;

/** Side of the crop of the CelebA forms, in pixels of the original. */
const FIXED_CROP: Partial<Record<Preprocessing, number>> = { "celeba-178": 178, "celeba-160": 160 };

/**
 * The part of a `width`×`height` image that becomes the square.
 * @param key names the image; the random crop depends on it and on nothing else, so it is the same
 * in every packing
 */
export function cropRegion(
  { size, preprocessing }: Square,
  width: number,
  height: number,
  key: string,
): Region {
  if (preprocessing === "random-square-crop") return randomSquare(width, height, key);
  const side = isWhole(preprocessing)
    ? Math.max(width, height)
    : preprocessing === "centre-crop"
      ? Math.min(width, height)
      : (FIXED_CROP[preprocessing] ?? size);
  return { left: centered(width, side), top: centered(height, side), width: side, height: side };
}

/**
 * Side, in pixels of the original, of what is resized to the square; below `size` the image is
 * enlarged.
 */
export function croppedSide({ size, preprocessing }: Square, width: number, height: number): number {
  if (preprocessing === "crop-or-pad") return size;
  if (isWhole(preprocessing)) return Math.max(width, height);
  return FIXED_CROP[preprocessing] ?? Math.min(width, height);
}

/** Whether a `width`×`height` image is too small for its crop and gets a black border. */
export function isPadded(square: Square, width: number, height: number): boolean {
  const { preprocessing } = square;
  if (preprocessing === "centre-crop" || preprocessing === "random-square-crop") return false;
  if (isWhole(preprocessing)) return false;
  return Math.min(width, height) < croppedSide(square, width, height);
}

/** Whether nothing is cut off and the rest of the square is filled. */
const isWhole = (preprocessing: Preprocessing): boolean =>
  preprocessing === "pad-border" || preprocessing === "pad-white";

/** Whether less than half of the longer side of a `width`×`height` image is left of it. */
export const losesHalf = (square: Square, width: number, height: number): boolean =>
  croppedSide(square, width, height) < Math.max(width, height) / 2;

/** The color of what lies outside an image. @param pixels [height, width, 3], the whole image */
export function outsideColor(
  { preprocessing }: Pick<Square, "preprocessing">,
  pixels: Uint8Array,
  width: number,
  height: number,
): Rgb {
  if (preprocessing === "pad-white") return WHITE;
  return preprocessing === "pad-border" ? borderColor(pixels, width, height) : BLACK;
}

const BLACK: Rgb = [0, 0, 0];

/**
 * Cuts `region` out of pixels, [height, width, 3], to [region.height, region.width, 3]; of the
 * color `outside` where it reaches beyond them. The same array comes back if the region is the
 * whole image.
 */
export function cropPixels(
  pixels: Uint8Array,
  width: number,
  height: number,
  region: Region,
  outside: Rgb = BLACK,
): Uint8Array {
  const { left, top } = region;
  if (left === 0 && top === 0 && region.width === width && region.height === height) return pixels;
  const out = new Uint8Array(3 * region.width * region.height);
  if (outside.some((value) => value > 0)) for (let i = 0; i < out.length; i += 3) out.set(outside, i);
  const from = Math.max(0, left);
  const to = Math.min(width, left + region.width);
  for (let y = Math.max(0, top); y < Math.min(height, top + region.height); y++)
    if (from < to)
      out.set(
        pixels.subarray(3 * (y * width + from), 3 * (y * width + to)),
        3 * ((y - top) * region.width + (from - left)),
      );
  return out;
}

/**
 * Where a centered stretch of `side` begins: TensorFlow's `resize_image_with_crop_or_pad` rounds
 * both cases toward zero.
 */
function centered(length: number, side: number): number {
  return Math.trunc((length - side) / 2) || 0;
}

/**
 * A square of at least half the area, side and place uniform over whole pixels; the whole image if
 * the largest square is smaller than that. This is TensorFlow's `sample_distorted_bounding_box` for
 * aspect ratio 1 without boxes.
 */
function randomSquare(width: number, height: number, key: string): Region {
  const largest = Math.min(width, height);
  // The smallest side with a large enough area: rounding up, so that the bound holds exactly.
  const smallest = Math.ceil(Math.sqrt(MIN_AREA * width * height));
  if (smallest > largest) return { left: 0, top: 0, width, height };
  const stream = randomStream(0, `square crop ${key}`);
  const side = smallest + stream.integer(largest - smallest + 1);
  return {
    left: stream.integer(width - side + 1),
    top: stream.integer(height - side + 1),
    width: side,
    height: side,
  };
}
