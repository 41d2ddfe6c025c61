/**
 * Pictures of any kind to squares, by what the browser has: decoded by it, upright by EXIF, on
 * white, the largest centered square, as data/decode/decode.node.ts does. A large picture is first
 * drawn at a few times the wanted side, which the browser does fast, and then resized without
 * aliasing. Pixels come out nearly, not exactly, as in Node, which is why a run takes its images
 * along.
 */
import { MINIMUM_IMAGES, tooFewImages, type Usable, warningsFor } from "../../../src/data/advice.ts";
import { imageHash } from "../../../src/data/decode/image-hash.ts";
import { cropRegion, type Square } from "../../../src/data/decode/preprocessing.ts";
import { RUN_SOURCE } from "../../../src/data/run-images.ts";
import { type LoadedImage, UnusableImage } from "../../../src/data/sources/source.ts";
import { memoryStore } from "../../../src/data/store/memory-store.ts";
import { startPackStatistics } from "../../../src/data/store/pack-statistics.ts";
import type { ImageStore, SkippedFile } from "../../../src/data/store/store.ts";
import { resizeImages } from "../../../src/metrics/extraction/resize.ts";

/** A picture to be used: its path below what was dropped, and its bytes. */
export interface Source {
  readonly path: string;
  readonly content: Blob;
}

/** How far it is. */
export type OnDecoded = (done: number, total: number) => void;

/** Side of the drawing that is resized, in wanted sides. */
const DRAWN = 8;
/** As in data/decode/decode.node.ts: beyond this enlargement there is nothing but blur. */
const MAX_ENLARGED = 4;
const IMAGE = /\.(jpe?g|jpe|jfif|png|webp|gif|avif|bmp|svg)$/i;
/** Pictures decoded at once. */
const PARALLEL = 4;

/** Whether a file is meant to be a picture. */
export const isPicture = ({ path, content }: Source): boolean =>
  content.type.startsWith("image/") || IMAGE.test(path);

/**
 * Make a data set of pictures, in the order of their paths.
 * @throws UserError when too few of them can be used
 */
export async function storeOfPictures(
  sources: readonly Source[],
  size: number,
  name: string,
  onDecoded: OnDecoded,
): Promise<ImageStore> {
  const square: Square = { size, preprocessing: "centre-crop", resize: "lanczos3" };
  const sorted = sources.filter(isPicture).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const statistics = startPackStatistics(square, undefined);
  const skipped: SkippedFile[] = [];
  const used: Uint8Array[] = [];
  for (let first = 0; first < sorted.length; first += PARALLEL) {
    const part = sorted.slice(first, first + PARALLEL);
    const images = await Promise.all(part.map((source) => decode(source, square)));
    for (const [i, image] of images.entries()) {
      if (image instanceof UnusableImage) skipped.push({ path: part[i]!.path, reason: image.message });
      else {
        used.push(image.pixels);
        statistics.add(image, undefined);
      }
    }
    onDecoded(first + part.length, sorted.length);
  }
  if (used.length < MINIMUM_IMAGES) throw tooFewImages(name, { used: used.length, skipped }, MINIMUM_IMAGES);
  const images = new Uint8Array(used.length * used[0]!.length);
  for (const [i, pixels] of used.entries()) images.set(pixels, i * pixels.length);
  const usable: Usable = {
    ...statistics.counts(),
    ...{ used: used.length, skipped, resolution: size, preprocessing: square.preprocessing, split: "all" },
  };
  const hash = imageHash(size, images);
  const summary = {
    ...{ source: RUN_SOURCE, name, split: "all" as const, resolution: size, skipped },
    ...{ preprocessing: square.preprocessing, resize: square.resize },
    ...{ found: sorted.length, used: used.length, width: statistics.width, height: statistics.height },
    ...{ enlarged: usable.enlarged, classes: 0, notes: [], warnings: warningsFor(usable), fromCache: false },
  };
  return memoryStore({ images, size, hash, summary });
}

async function decode({ content }: Source, square: Square): Promise<LoadedImage | UnusableImage> {
  if (content.size === 0) return new UnusableImage("empty file");
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(content, { imageOrientation: "from-image" });
  } catch {
    return new UnusableImage("not an image that this browser can read");
  }
  try {
    const { width, height } = bitmap;
    const min = Math.ceil(square.size / MAX_ENLARGED);
    if (Math.min(width, height) < min)
      return new UnusableImage(
        `smaller than ${min} pixels: too small to be enlarged to ${square.size}×${square.size}`,
      );
    return { pixels: toSquare(bitmap, square), width, height };
  } finally {
    bitmap.close();
  }
}

function toSquare(bitmap: ImageBitmap, square: Square): Uint8Array {
  const { left, top, width: side } = cropRegion(square, bitmap.width, bitmap.height, "");
  const drawn = Math.min(side, DRAWN * square.size);
  const canvas = new OffscreenCanvas(drawn, drawn);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, drawn, drawn);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, left, top, side, side, 0, 0, drawn, drawn);
  const { data } = context.getImageData(0, 0, drawn, drawn);
  const rgb = new Uint8Array(drawn * drawn * 3);
  for (let i = 0; i < drawn * drawn; i++) rgb.set(data.subarray(i * 4, i * 4 + 3), i * 3);
  if (drawn === square.size) return rgb;
  return Uint8Array.from(resizeImages(rgb, 1, drawn, square.size, "pil-bicubic"), (value) =>
    Math.round(value),
  );
}
