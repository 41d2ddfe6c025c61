/**
 * One image, in a file or in memory, to one square of uint8 sRGB, by sharp (libvips). Upright by
 * its EXIF orientation, since the orientation is what the discriminator is asked to tell;
 * composited on white; cropped and resized as `preprocessing.ts` says. Of animations and multi-page
 * files the first picture is taken.
 */
import sharp, { type Metadata, type Sharp } from "sharp";
import { oddSamples } from "../samples.node.ts";
import { type LoadedImage, UnusableImage } from "../sources/source.ts";
import { createTurnstile } from "../turnstile.ts";
import { explainFailure, readInput } from "./decode-failure.node.ts";
import { plainDrawing } from "./drawing.node.ts";
import { cropPixels, croppedSide, cropRegion, outsideColor, type Square } from "./preprocessing.ts";
import { resizeBilinearTf1 } from "./resize-tf1.ts";

/**
 * Counts up whenever the pixels that come out of here change; packed files of another version are
 * made anew.
 */
export const PREPROCESSING_VERSION = 2;

/**
 * The largest phone cameras: 16,384 × 12,288. Beyond it one image could take gigabytes of memory.
 */
export const MAXIMUM_PIXELS = 16384 * 12288;

/**
 * Images above this are decoded one at a time, so that several at once do not exhaust the memory.
 */
const LARGE_PIXELS = 24_000_000;

/** An image may be enlarged this many times at most; beyond, there is nothing in it but blur. */
export const MAXIMUM_ENLARGEMENT = 4;

// Every image is read once: a cache would only hold memory, and return stale pixels for a file that has changed.
sharp.cache(false);

let largeImages: Promise<unknown> = Promise.resolve();

/**
 * libvips keeps one text of errors for all threads: what one picture fails with can only be told
 * when no other is decoded.
 */
const decoders = createTurnstile();

/**
 * Decodes an image to [size, size, 3].
 * @param input a file's path, or its bytes
 * @param key names the image; see `cropRegion`
 * @throws UnusableImage with the reason if it is empty, unreadable, damaged, not an image, too
 * large or too small
 */
export async function decodeImage(
  input: string | Uint8Array,
  square: Square,
  key: string,
): Promise<LoadedImage> {
  try {
    return await decoders.beside(() => decode(input, square, key));
  } catch (error) {
    if (error instanceof UnusableImage) throw error;
    // Something may be the matter that has nothing to do with the picture; then it comes out now.
    return decoders.alone(() => decodeOrExplain(input, square, key));
  }
}

async function decodeOrExplain(
  input: string | Uint8Array,
  square: Square,
  key: string,
): Promise<LoadedImage> {
  try {
    return await decode(input, square, key);
  } catch (error) {
    if (error instanceof UnusableImage) throw error;
    const bytes = isUnknown(error) ? await readInput(input).catch(() => undefined) : undefined;
    const drawing = bytes && (await plainDrawing(bytes));
    if (!drawing) throw new UnusableImage(await explainFailure(input, error), { cause: error });
    return await decode(drawing, square, key).catch(async (other: unknown) => {
      if (other instanceof UnusableImage) throw other;
      throw new UnusableImage(await explainFailure(drawing, other), { cause: other });
    });
  }
}

/** Whether sharp does not even know what kind of file it is. */
function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.message.includes("unsupported image format");
}

async function decode(input: string | Uint8Array, square: Square, key: string): Promise<LoadedImage> {
  const header = await sharp(input, { limitInputPixels: false }).metadata();
  const { width, height } = header.autoOrient;
  checkDimensions(width, height, square, header.format === "svg");
  const { spare } = await oddSamples(input, header);
  const work = async (): Promise<LoadedImage> => {
    const image = open(input, header, square);
    const { orientation } = header;
    if (isPlain(square) && !spare)
      return { pixels: await toSquare(image, square.size), width, height, orientation };
    const raw = await toPixels(image, spare);
    const pixels = await squarePixels(raw.pixels, raw.width, raw.height, square, key);
    return { pixels, width, height, orientation };
  };
  if (width * height <= LARGE_PIXELS) return await work();
  const turn = largeImages.then(work);
  largeImages = turn.catch(() => undefined);
  return await turn;
}

/**
 * Makes raw pixels, [height, width, 3] with values 0–255, square by the same rules.
 * The same array comes back if nothing has to change.
 */
export async function squarePixels(
  pixels: Uint8Array,
  width: number,
  height: number,
  square: Square,
  key: string,
): Promise<Uint8Array> {
  const { size } = square;
  if (isPlain(square) && (width !== size || height !== size))
    return toSquare(fromRaw(pixels, width, height), size);
  const region = cropRegion(square, width, height, key);
  const outside = outsideColor(square, pixels, width, height);
  const part = cropPixels(pixels, width, height, region, outside);
  if (region.width === size && region.height === size) return part;
  if (square.resize === "bilinear-tf1") return resizeBilinearTf1(part, region.width, region.height, size);
  return toSquare(fromRaw(part, region.width, region.height), size, "fill");
}

/** Whether libvips does all of it in one go, without holding the whole image. */
function isPlain({ preprocessing, resize }: Square): boolean {
  return preprocessing === "centre-crop" && resize === "lanczos3";
}

function fromRaw(pixels: Uint8Array, width: number, height: number): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

function open(input: string | Uint8Array, header: Metadata, square: Square): Sharp {
  const options = { limitInputPixels: MAXIMUM_PIXELS, failOn: "error", autoOrient: true } as const;
  if (header.format !== "svg") return inPipelineSpace(sharp(input, options), header);
  // A drawing has no pixels of its own: have it drawn at the wanted size rather than drawn small and enlarged.
  const wanted = croppedSide(square, square.size, square.size);
  const scale = wanted / Math.min(header.width, header.height);
  return sharp(input, {
    ...options,
    density: Math.min(100_000, Math.max(1, (header.density ?? 72) * scale)),
  });
}

/**
 * sharp takes 16-bit colors with a profile to Display P3 and leaves them there, and does not look
 * at the profile of 16-bit grays. At 8 bits it does both right, and 8 bits is what comes out in the
 * end.
 */
function inPipelineSpace(image: Sharp, { icc, space }: Metadata): Sharp {
  if (!icc || (space !== "rgb16" && space !== "grey16")) return image;
  return image.pipelineColorspace(space === "rgb16" ? "srgb" : "b-w");
}

async function toSquare(image: Sharp, size: number, fit: "cover" | "fill" = "cover"): Promise<Uint8Array> {
  const { pixels } = await toPixels(
    image.resize(size, size, { fit, position: "center", kernel: "lanczos3" }),
  );
  if (pixels.length !== size * size * 3)
    throw new Error(`${pixels.length} bytes for a ${size}×${size} image`);
  return pixels;
}

/**
 * sRGB without transparency, [height, width, 3].
 * @param spare whether the samples beyond the colors are something else than transparency, and are
 *   dropped
 */
async function toPixels(image: Sharp, spare = false): Promise<LoadedImage> {
  const { data, info } = await (spare ? image : image.flatten({ background: "#ffffff" }))
    .toColorspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3)
    throw new UnusableImage(`has ${info.channels} color channels after conversion to sRGB`);
  return { pixels: data, width: info.width, height: info.height };
}

function checkDimensions(width: number, height: number, square: Square, drawing: boolean): void {
  const { size } = square;
  if (width * height > MAXIMUM_PIXELS)
    throw new UnusableImage(
      `${width}×${height} pixels is more than the limit of ${Math.floor(MAXIMUM_PIXELS / 1e6)} megapixels: make a smaller copy`,
    );
  const min = Math.ceil(size / MAXIMUM_ENLARGEMENT);
  if (!drawing && croppedSide(square, width, height) < min)
    throw new UnusableImage(`smaller than ${min} pixels: too small to be enlarged to ${size}×${size}`);
}
