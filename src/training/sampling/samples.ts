/**
 * Samples of the generator: latents, running the sampler in pieces, grids, interpolation, and how
 * different samples are from one another. Images are uint8 [N, S, S, 3] throughout.
 */
import type { RandomStream } from "../../base/random.ts";
import type { Executable } from "../../engine/engine.ts";
import type { LatentDistribution } from "../settings.ts";
import { GRID_GAP } from "./grid-layout.ts";

/** `count` latent vectors, float32 [count, size], from N(0, 1) or U(-1, 1). */
export function drawLatents(
  stream: RandomStream,
  count: number,
  size: number,
  distribution: LatentDistribution,
): Float32Array {
  const latents = new Float32Array(count * size);
  for (let i = 0; i < latents.length; i++)
    latents[i] = distribution === "normal" ? stream.normal() : 2 * stream.uniform() - 1;
  return latents;
}

/** `count` classes, int64 [count], all of 0 … classes − 1 equally likely. */
export function drawLabels(stream: RandomStream, count: number, classes: number): BigInt64Array {
  return BigInt64Array.from({ length: count }, () => BigInt(stream.integer(classes)));
}

/** More classes than this are not shown all. */
const MAX_ROWS = 16;

/**
 * Classes for a grid with `columns` columns: one row a class, or as many as make up eight rows;
 * drawn uniformly where there are more than 16 classes. int64 [rows · columns]
 */
export function gridLabels(stream: RandomStream, classes: number, columns = 8): BigInt64Array {
  if (classes > MAX_ROWS) return drawLabels(stream, 8 * columns, classes);
  const rowsEach = Math.max(1, Math.floor(8 / classes));
  return BigInt64Array.from({ length: classes * rowsEach * columns }, (_, i) =>
    BigInt(Math.floor(i / (rowsEach * columns))),
  );
}

/** State names that make the sampler use the averaged weights. */
export const AVERAGED = { "generator/parameters": "generator/ema" } as const;

/**
 * Run the sampler over any number of latents, in batches of the size it was compiled for (the last
 * one filled up and cut).
 * @param latents float32 [count, Z]
 * @param alias `AVERAGED` for the averaged weights
 * @param labels class of each image, int64 [count], for a conditional generator
 * @returns uint8 [count, S, S, 3]
 * @throws RangeError when the length of `latents` is no multiple of Z, or there is not one label an
 * image where labels are wanted
 */
export async function generate(
  sampler: Executable,
  latents: Float32Array,
  alias?: Readonly<Record<string, string>>,
  labels?: BigInt64Array,
): Promise<Uint8Array> {
  const [batch, size] = shapeOf(sampler, "latents");
  const pixels = imageShape(sampler).reduce((a, b) => a * b, 1);
  const count = latents.length / size;
  if (!Number.isInteger(count))
    throw new RangeError(`latents: ${latents.length} numbers, not a multiple of ${size}`);
  const conditional = sampler.program.feeds.some(({ name }) => name === "labels");
  if (conditional !== (labels !== undefined) || (labels && labels.length !== count))
    throw new RangeError(
      `labels: ${labels?.length ?? "none"} for ${count} images of a generator ${conditional ? "with" : "without"} classes`,
    );
  const images = new Uint8Array(count * pixels);
  for (let first = 0; first < count; first += batch) {
    const feed = new Float32Array(batch * size);
    const taken = Math.min(batch, count - first);
    feed.set(latents.subarray(first * size, (first + taken) * size));
    const classes = labels && new BigInt64Array(batch);
    classes?.set(labels!.subarray(first, first + taken));
    const results = await sampler.run({ latents: feed, ...(classes && { labels: classes }) }, alias);
    images.set((results.images as Uint8Array).subarray(0, taken * pixels), first * pixels);
  }
  return images;
}

/** [batch, latent size] of a sampler's feed. */
function shapeOf(sampler: Executable, feed: string): [number, number] {
  const shape = sampler.program.feeds.find((binding) => binding.name === feed)?.shape;
  if (shape?.length !== 2) throw new Error(`${sampler.program.name}: no feed "${feed}" of shape [M, Z]`);
  return [shape[0]!, shape[1]!];
}

/** [S, S, 3] of a sampler's images. */
export function imageShape(sampler: Executable): [number, number, number] {
  const shape = sampler.program.results.find((binding) => binding.name === "images")?.shape;
  if (shape?.length !== 4)
    throw new Error(`${sampler.program.name}: no result "images" of shape [M, S, S, 3]`);
  return [shape[1]!, shape[2]!, shape[3]!];
}

/** An RGB picture: `pixels` is uint8 [height, width, 3]. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/**
 * Lay images out in rows on white.
 * @param images uint8 [N, S, S, 3]
 * @param side S in pixels
 * @param gap pixels between neighbors
 */
export function imageGrid(images: Uint8Array, side: number, columns: number, gap = GRID_GAP): Picture {
  const count = images.length / (side * side * 3);
  const across = Math.min(columns, count);
  const down = Math.ceil(count / across);
  const width = across * (side + gap) - gap;
  const height = down * (side + gap) - gap;
  const pixels = new Uint8Array(width * height * 3).fill(255);
  for (let i = 0; i < count; i++) {
    const left = (i % across) * (side + gap);
    const top = Math.floor(i / across) * (side + gap);
    for (let y = 0; y < side; y++) {
      const from = (i * side + y) * side * 3;
      pixels.set(images.subarray(from, from + side * 3), ((top + y) * width + left) * 3);
    }
  }
  return { width, height, pixels };
}

/**
 * Spread of a set of images: the root of the mean squared distance between two different ones, over
 * pixel values 0…255. With s² the unbiased variance of a pixel over the images, the mean over pairs
 * of (a - b)² is 2 s², so no pair need be visited.
 * @param images uint8 [N, …], N ≥ 2
 */
export function diversity(images: Uint8Array, count: number): number {
  const length = images.length / count;
  let total = 0;
  for (let p = 0; p < length; p++) {
    let sum = 0;
    let squares = 0;
    for (let i = p; i < images.length; i += length) {
      const value = images[i]!;
      sum += value;
      squares += value * value;
    }
    total += (2 * (squares - (sum * sum) / count)) / (count - 1);
  }
  return Math.sqrt(Math.max(0, total) / length);
}
