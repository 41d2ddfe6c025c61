/**
 * One image file to one square of uint8 sRGB, by sharp (libvips). Upright by its EXIF orientation, since the orientation
 * is what the discriminator is asked to tell; composited on white; the largest centred square, resized by Lanczos-3,
 * which is free of aliasing. Of animations and multi-page files the first picture is taken.
 */
import { access, constants, stat } from "node:fs/promises";
import sharp, { type Metadata, type Sharp } from "sharp";
import { type LoadedImage, UnusableImage } from "./sources/source.ts";

/** Counts up whenever the pixels that come out of here change; packed files of another version are made anew. */
export const PREPROCESSING_VERSION = 1;

/** The largest phone cameras: 16,384 × 12,288. Beyond it one image could take gigabytes of memory. */
export const MAXIMUM_PIXELS = 16384 * 12288;

/** Images above this are decoded one at a time, so that several at once do not exhaust the memory. */
const LARGE_PIXELS = 24_000_000;

/** An image may be enlarged this many times at most; beyond, there is nothing in it but blur. */
export const MAXIMUM_ENLARGEMENT = 4;

// Every image is read once: a cache would only hold memory, and return stale pixels for a file that has changed.
sharp.cache(false);

let largeImages: Promise<unknown> = Promise.resolve();

/**
 * Decodes the file at `path` to [size, size, 3].
 * @throws UnusableImage with the reason if it is empty, unreadable, damaged, not an image, too large or too small
 */
export async function decodeFile(path: string, size: number): Promise<LoadedImage> {
  try {
    const header = await sharp(path, { limitInputPixels: false }).metadata();
    const { width, height } = header.autoOrient;
    checkDimensions(width, height, size, header.format === "svg");
    const decode = async (): Promise<LoadedImage> => ({
      pixels: await toSquare(open(path, header, size), size),
      width,
      height,
      orientation: header.orientation,
    });
    if (width * height <= LARGE_PIXELS) return await decode();
    const turn = largeImages.then(decode);
    largeImages = turn.catch(() => undefined);
    return await turn;
  } catch (error) {
    if (error instanceof UnusableImage) throw error;
    throw new UnusableImage(await explain(path, error), { cause: error });
  }
}

/**
 * Resizes raw pixels, [height, width, 3] with values 0–255, to [size, size, 3] by the same rules.
 * The same array comes back if nothing has to change.
 */
export async function resizePixels(
  pixels: Uint8Array,
  width: number,
  height: number,
  size: number,
): Promise<Uint8Array> {
  if (width === size && height === size) return pixels;
  return toSquare(sharp(pixels, { raw: { width, height, channels: 3 } }), size);
}

function open(path: string, header: Metadata, size: number): Sharp {
  const options = { limitInputPixels: MAXIMUM_PIXELS, failOn: "error", autoOrient: true } as const;
  if (header.format !== "svg") return sharp(path, options);
  // A drawing has no pixels of its own: have it drawn at the wanted size rather than drawn small and enlarged.
  const scale = size / Math.min(header.width, header.height);
  return sharp(path, { ...options, density: Math.min(100_000, Math.max(1, (header.density ?? 72) * scale)) });
}

async function toSquare(image: Sharp, size: number): Promise<Uint8Array> {
  const { data, info } = await image
    .flatten({ background: "#ffffff" })
    .resize(size, size, { fit: "cover", position: "centre", kernel: "lanczos3" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3 || data.length !== size * size * 3)
    throw new UnusableImage(`has ${info.channels} colour channels after conversion to sRGB`);
  return data;
}

function checkDimensions(width: number, height: number, size: number, drawing: boolean): void {
  if (width * height > MAXIMUM_PIXELS)
    throw new UnusableImage(
      `${width}×${height} pixels is more than the limit of ${Math.floor(MAXIMUM_PIXELS / 1e6)} megapixels: make a smaller copy`,
    );
  const least = Math.ceil(size / MAXIMUM_ENLARGEMENT);
  if (!drawing && Math.min(width, height) < least)
    throw new UnusableImage(`smaller than ${least} pixels: too small to be enlarged to ${size}×${size}`);
}

/** Why `path` could not be decoded, in words. */
async function explain(path: string, error: unknown): Promise<string> {
  try {
    await access(path, constants.R_OK);
    if ((await stat(path)).size === 0) return "empty file";
  } catch (denied) {
    const code = (denied as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "EPERM") return "no permission to read it";
    if (code === "ENOENT") return "vanished while the folder was read";
    return `cannot be read (${code ?? String(denied)})`;
  }
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes("unsupported image format")) return "not an image, whatever its name says";
  if (text.includes("pixel limit")) return "more pixels than the limit: make a smaller copy";
  // libvips sometimes reports one problem several times over; the first line says it.
  return `damaged: ${text.split("\n")[0]}`;
}
