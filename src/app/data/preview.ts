/**
 * The use case `data preview`: a picture of some images as the networks see them, and of some in
 * all four quarter turns.
 */
import { basename, resolve } from "node:path";
import { drawRandomImages, openData, rotatePixels } from "../../data/index.node.ts";
import { TURNS } from "../../objectives/pretext/quarter-turn.ts";
import { writePng } from "../../training/sampling/images.node.ts";
import { imageGrid, type Picture } from "../../training/sampling/samples.ts";
import type { Context } from "../context.ts";
import { packingOf } from "../support/images.ts";
import { dataRequest, type SizedImagesOptions } from "./images-options.ts";

/** Two images a row, each in four turns. */
const COLUMNS = 2 * TURNS;
/**
 * An image is enlarged by whole pixels until it is this wide, so that one of 32 pixels can be made
 * out.
 */
const SHOWN = 64;

/** Which images, and what is drawn of them. */
export interface PreviewOptions extends SizedImagesOptions {
  /** Images; 64 unless given. */
  readonly count?: number | undefined;
  /** Images that are shown in all four turns; 8 unless given. */
  readonly turned?: number | undefined;
  /** Chooses the images; 0 unless given. */
  readonly seed?: number | undefined;
  /** The PNG file; named after the data unless given. */
  readonly out?: string | undefined;
}

/** What was drawn. */
export interface PreviewOutcome {
  /** The PNG file, absolute. */
  readonly file: string;
  /** Name of the data. */
  readonly name: string;
  /** Images that there are. */
  readonly images: number;
  /** Their side in pixels. */
  readonly resolution: number;
  readonly seed: number;
  /** Images drawn. */
  readonly count: number;
  /** Images drawn in all four turns. */
  readonly turned: number;
}

/**
 * Draw images as the networks see them.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts
 */
export async function previewImages(
  options: PreviewOptions,
  { report, signal }: Context,
): Promise<PreviewOutcome> {
  const { count = 64, turned = 8, seed = 0 } = options;
  const store = await openData({
    ...dataRequest(options),
    minimumImages: 1,
    signal,
    onProgress: packingOf(report, "training"),
  });
  const { name } = store.summary;
  const file = resolve(options.out ?? `${basename(name).toLowerCase()}-preview.png`);
  const images = drawRandomImages(store, Math.max(count, turned), seed);
  store.close();
  const drawn = images.length / (store.size * store.size * 3);
  const shown = { count: Math.min(count, drawn), turned: Math.min(turned, drawn) };
  await writePng(file, previewPicture(images, store.size, shown.count, shown.turned));
  return { file, name, images: store.count, resolution: store.size, seed, ...shown };
}

/**
 * A grid of the first `count` images, and below it the first `turned` of them at 0°, 90°, 180° and
 * 270°, two images a row.
 * @param images uint8 [N, side, side, 3]
 */
function previewPicture(images: Uint8Array, side: number, count: number, turned: number): Picture {
  const bytes = side * side * 3;
  const upper = imageGrid(images.subarray(0, count * bytes), side, COLUMNS);
  const scale = Math.max(1, Math.floor(SHOWN / side));
  if (turned === 0) return enlarge(upper, scale);
  const rows = new Uint8Array(turned * TURNS * bytes);
  for (let i = 0; i < turned; i++)
    for (const turns of [0, 1, 2, 3] as const)
      rows.set(
        rotatePixels(images.subarray(i * bytes, (i + 1) * bytes), side, turns),
        (TURNS * i + turns) * bytes,
      );
  return enlarge(stack(upper, imageGrid(rows, side, COLUMNS), Math.ceil(side / 2)), scale);
}

/** One picture above another on white, `gap` pixels apart. */
function stack(upper: Picture, lower: Picture, gap: number): Picture {
  const width = Math.max(upper.width, lower.width);
  const height = upper.height + gap + lower.height;
  const pixels = new Uint8Array(width * height * 3).fill(255);
  const draw = (picture: Picture, top: number): void => {
    const row = 3 * picture.width;
    for (let y = 0; y < picture.height; y++)
      pixels.set(picture.pixels.subarray(y * row, (y + 1) * row), 3 * (top + y) * width);
  };
  draw(upper, 0);
  draw(lower, upper.height + gap);
  return { width, height, pixels };
}

/** Every pixel as a square of `scale` pixels. */
function enlarge({ width, height, pixels }: Picture, scale: number): Picture {
  if (scale === 1) return { width, height, pixels };
  const out = new Uint8Array(pixels.length * scale * scale);
  const row = width * scale * 3;
  for (let y = 0; y < height * scale; y++)
    for (let x = 0; x < width * scale; x++) {
      const from = 3 * (Math.floor(y / scale) * width + Math.floor(x / scale));
      out.set(pixels.subarray(from, from + 3), y * row + 3 * x);
    }
  return { width: width * scale, height: height * scale, pixels: out };
}
