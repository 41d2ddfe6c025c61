/**
 * Are samples copies of training images? For each sample its nearest training image, in the
 * features of a network and in pixels, and how near that is for this data: the percentile of the
 * distance among those of training images to their own nearest neighbors.
 *
 * A generator that draws from the distribution of the images has percentiles spread evenly over
 * 0…100 %. A copy is at 0 % in both spaces. Blurry samples are near to everything in pixels alone,
 * strange ones far from everything in features.
 */

import { median } from "../../base/math/statistics.ts";
import { formatCount, percent } from "../../base/text/format/index.ts";
import type { BatchSource } from "../../data/store/batches.ts";
import { imageBytes } from "../../data/store/store.ts";
import { rowsOf } from "../../metrics/extraction/feature-rows.ts";
import { chosenImages, storeImages } from "../../metrics/extraction/images.ts";
import type { ResizeName } from "../../metrics/extraction/resize.ts";
import { collectStatistics } from "../../metrics/extraction/statistics.ts";
import type { FeatureNetwork } from "../../metrics/features/feature-network.ts";
import { type Matrix, matrix, type Products } from "../../metrics/linalg/matrix.ts";
import {
  featureVectors,
  type Neighbors,
  nearerOf,
  nearestIn,
  percentileOf,
  type VectorSource,
} from "../../metrics/nearest.ts";

/** Training images whose distance to their own nearest neighbor is looked at. */
const PAIRS = 500;
/** Side to which images are brought by means over patches before their pixels are compared. */
const PIXEL_SIDE = 32;
/**
 * Percentile up to which a sample counts as nearer than images of this data are; by chance one
 * sample in a hundred is.
 */
export const NEAR = 0.01;

/** The training image nearest to a sample. */
export interface NearestImage {
  /** Of the training images. */
  readonly index: number;
  readonly distance: number;
  /** Share of training images whose own nearest neighbor is nearer, 0…1. */
  readonly percentile: number;
}

/** Those of a sample. */
export interface NearestImages {
  readonly features: NearestImage;
  readonly pixels: NearestImage;
}

/** What is compared. */
export interface MemorizationInput {
  /** uint8 [N, S, S, 3] */
  readonly samples: Uint8Array;
  readonly training: BatchSource;
  /** Features of all training images, [M, d]; in the order of `order`. */
  readonly features: Float32Array;
  /** Which training image each row of `features` is of, [M]. */
  readonly order: Uint32Array;
  /**
   * Whether mirrored training images count as training images; in pixels, as networks hardly tell
   * left from right.
   */
  readonly mirrored: boolean;
  readonly network: FeatureNetwork;
  readonly resize: ResizeName;
  readonly products: Products;
  readonly onProgress?: ((what: string, share: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The nearest training images of every sample.
 * @throws UserError for features that are not finite; the signal's reason when it aborts
 */
export async function nearestTraining(input: MemorizationInput): Promise<NearestImages[]> {
  const { samples, training, network, products, signal, onProgress } = input;
  const bytes = imageBytes(training.size);
  const made = samples.length / bytes;
  const own = storeImages(
    imagesOf(samples, training.size),
    Uint32Array.from({ length: made }, (_, i) => i),
  );
  const { features: ofSamples } = await collectStatistics(own, new Set(["features"]), {
    ...{ network, resize: input.resize, products, signal, what: "the samples" },
    onProgress: (done) => onProgress?.("features of the samples", done / made),
  });
  const pairs = chosenImages(training.count, Math.min(PAIRS, training.count));
  const search = { products, signal, pairs, made };

  const place = new Map(Array.from(input.order, (image, row) => [image, row]));
  const d = network.dimensions;
  const pairRows = Uint32Array.from(pairs, (image) => place.get(image)!);
  const inFeatures = await withPercentiles({
    ...search,
    queries: stacked(rowsOf(ofSamples!, d, indices(made)), rowsOf(input.features, d, pairRows)),
    source: featureVectors(input.features, d),
    own: (pair) => pairRows[pair]!,
    onProgress: (share) => onProgress?.("nearest in features", share),
  });

  const pixels = pixelVectors(training);
  const pixelsOf = (mirrored: boolean): Matrix =>
    stacked(
      pixelRows(imagesOf(samples, training.size), indices(made), mirrored),
      pixelRows(training, pairs, mirrored),
    );
  const inPixels = await withPercentiles({
    ...search,
    queries: pixelsOf(false),
    mirrored: input.mirrored ? pixelsOf(true) : undefined,
    source: pixels,
    own: (pair) => pairs[pair]!,
    onProgress: (share) => onProgress?.("nearest in pixels", share),
  });
  return inFeatures.map((near, i) => ({
    features: { ...near, index: input.order[near.index]! },
    pixels: inPixels[i]!,
  }));
}

interface Search {
  /** Samples, then training images. */
  readonly queries: Matrix;
  /** The same, mirrored. */
  readonly mirrored?: Matrix | undefined;
  readonly source: VectorSource;
  readonly products: Products;
  readonly made: number;
  readonly pairs: Uint32Array;
  /** Which vector of the source training image number `pair` of the queries is. */
  readonly own: (pair: number) => number;
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal | undefined;
}

async function withPercentiles(search: Search): Promise<NearestImage[]> {
  const { queries, mirrored, source, products, made, own, signal } = search;
  const excluded = (query: number): number => (query < made ? -1 : own(query - made));
  const halves = mirrored ? 2 : 1;
  const find = (matrix: Matrix, half: number): Promise<Neighbors> =>
    nearestIn(matrix, source, products, {
      ...{ excluded, signal },
      onProgress: (share) => search.onProgress((half + share) / halves),
    });
  const plain = await find(queries, 0);
  const { index, distance } = mirrored ? nearerOf(plain, await find(mirrored, 1)) : plain;
  const known = distance.slice(made).sort();
  return Array.from({ length: made }, (_, i) => ({
    index: index[i]!,
    distance: distance[i]!,
    percentile: percentileOf(distance[i]!, known),
  }));
}

const indices = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);

function stacked(a: Matrix, b: Matrix): Matrix {
  const out = matrix(a.rows + b.rows, a.columns);
  out.data.set(a.data);
  out.data.set(b.data, a.data.length);
  return out;
}

/** Images in memory as a source. */
const imagesOf = (images: Uint8Array, size: number): BatchSource => {
  const bytes = imageBytes(size);
  return {
    ...{ count: images.length / bytes, size, labels: undefined },
    read: (index, out, offset) => out.set(images.subarray(index * bytes, (index + 1) * bytes), offset),
  };
};

/** Pixels of images as vectors. */
function pixelVectors(source: BatchSource): VectorSource {
  const side = reducedSide(source.size);
  return {
    count: source.count,
    dimensions: side * side * 3,
    rows: (begin, end) =>
      pixelRows(
        source,
        Uint32Array.from({ length: end - begin }, (_, i) => begin + i),
        false,
      ),
  };
}

/** The largest side up to `PIXEL_SIDE` that patches of whole pixels lead to. */
function reducedSide(size: number): number {
  for (let side = Math.min(size, PIXEL_SIDE); side > 1; side--) if (size % side === 0) return side;
  return 1;
}

/** Pixels of some images, reduced by means over patches; [N, side · side · 3], 0…255. */
function pixelRows(source: BatchSource, which: Uint32Array, mirrored: boolean): Matrix {
  const { size } = source;
  const side = reducedSide(size);
  const patch = size / side;
  const out = matrix(which.length, side * side * 3);
  const image = new Uint8Array(imageBytes(size));
  which.forEach((index, row) => {
    source.read(index, image, 0);
    const start = row * out.columns;
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const column = Math.floor((mirrored ? size - 1 - x : x) / patch);
        const to = start + (Math.floor(y / patch) * side + column) * 3;
        for (let c = 0; c < 3; c++) out.data[to + c]! += image[(y * size + x) * 3 + c]! / (patch * patch);
      }
  });
  return out;
}

/** What the distances of all samples say together. */
export interface MemorizationSummary {
  readonly samples: number;
  /** Middle percentile, and the share of samples at `NEAR` or below. */
  readonly features: { readonly median: number; readonly near: number };
  readonly pixels: { readonly median: number; readonly near: number };
  /** Share of samples that are so near in both. */
  readonly copies: number;
}

/** Summary of all samples. */
export function summaryOf(nearest: readonly NearestImages[]): MemorizationSummary {
  const share = (holds: (one: NearestImages) => boolean): number =>
    nearest.filter(holds).length / Math.max(1, nearest.length);
  const space = (of: "features" | "pixels") => ({
    median: median(nearest.map((one) => one[of].percentile)) ?? 1,
    near: share((one) => one[of].percentile <= NEAR),
  });
  return {
    samples: nearest.length,
    features: space("features"),
    pixels: space("pixels"),
    copies: share((one) => isCopy(one)),
  };
}

/**
 * Whether a sample is nearer to a training image, in both spaces, than all but one in a hundred of
 * these are to one another.
 */
export const isCopy = ({ features, pixels }: NearestImages): boolean =>
  features.percentile <= NEAR && pixels.percentile <= NEAR;

/** From this share of copies on a generator is said to have memorized; a few are chance. */
const MANY = 0.05;

/** The summary in words, a line each; the last says what follows from it. */
export function memorizationLines({ samples, features, pixels, copies }: MemorizationSummary): string[] {
  const one = (name: string, { median, near }: MemorizationSummary["features"]): string =>
    `nearest training image in ${name}: middle percentile ${shareText(median)} (50% for images like the training images), ${shareText(near)} of samples at 1% or below`;
  return [
    one("features", features),
    one("pixels", pixels),
    copies >= MANY
      ? `${shareText(copies)} of ${formatCount(samples)} samples are nearer to a training image, in both, than 99% of training images are to one another: they are copies. More images, training.augment or an earlier checkpoint (--step) lessen that.`
      : `${shareText(copies)} of ${formatCount(samples)} samples are that near in both: ${copies > 0 ? "single ones, which chance explains; look at them" : "none is a copy"}.`,
  ];
}

/** Small shares have a digit behind the point. */
const shareText = (share: number): string => percent(share, share > 0 && share < 0.1 ? 0.001 : undefined);
