/**
 * Exact nearest neighbors of some vectors among many. The many are read some at a time, so memory
 * does not grow with them: 50,000 images of 32 × 32 pixels are 1.2 GB as double-precision vectors,
 * and 13 MB at a time.
 */

import { squaredNorms } from "./extraction/feature-rows.ts";
import { type Matrix, matrix, type Products } from "./linalg/matrix.ts";

/** Vectors to search among. */
export interface VectorSource {
  readonly count: number;
  readonly dimensions: number;
  /** Vectors `begin` … `end` − 1, [end − begin, dimensions]. */
  rows(begin: number, end: number): Matrix;
}

/** For each of N vectors its nearest neighbor. */
export interface Neighbors {
  /** [N]; −1 where there is none. */
  readonly index: Int32Array;
  /** Euclidean, [N]. */
  readonly distance: Float64Array;
}

/** What is searched for, and how. */
export interface NearestOptions {
  /** A vector that query `i` must not find: itself. */
  readonly excluded?: ((query: number) => number) | undefined;
  readonly onProgress?: ((share: number) => void) | undefined;
  /** Aborting ends the search with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Vectors that are compared at a time. */
const ROWS = 512;
/** Squared distances below this share of the squared norms are rounding: the two are one point. */
const SAME_POINT = 1e-12;

/**
 * The nearest neighbor of every query, by |x − y|² = |x|² + |y|² − 2 x·y.
 * @param queries [N, d]
 */
export async function nearestIn(
  queries: Matrix,
  source: VectorSource,
  products: Products,
  { excluded, onProgress, signal }: NearestOptions = {},
): Promise<Neighbors> {
  const n = queries.rows;
  const norms = squaredNorms(queries);
  const index = new Int32Array(n).fill(-1);
  const distance = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  for (let first = 0; first < source.count; first += ROWS) {
    signal?.throwIfAborted();
    const part = source.rows(first, Math.min(source.count, first + ROWS));
    const partNorms = squaredNorms(part);
    const dots = (await products.multiply(queries, part, false, true)).data;
    for (let i = 0; i < n; i++) {
      const left = excluded ? excluded(i) - first : -1;
      for (let j = 0; j < part.rows; j++) {
        if (j === left) continue;
        const sum = norms[i]! + partNorms[j]!;
        const squared = sum - 2 * dots[i * part.rows + j]!;
        const apart = squared > SAME_POINT * sum ? squared : 0;
        if (apart >= distance[i]!) continue;
        distance[i] = apart;
        index[i] = first + j;
      }
    }
    onProgress?.((first + part.rows) / source.count);
  }
  return { index, distance: distance.map(Math.sqrt) };
}

/** The nearer of two neighbors of every query. */
export const nearerOf = (a: Neighbors, b: Neighbors): Neighbors => ({
  index: a.index.map((found, i) => (b.distance[i]! < a.distance[i]! ? b.index[i]! : found)),
  distance: a.distance.map((apart, i) => Math.min(apart, b.distance[i]!)),
});

/**
 * Share of `known` that is smaller than a value, in 0…1; of equal ones half counts, so that a value
 * drawn like the known ones has 0.5 on average.
 * @param known ascending
 */
export function percentileOf(value: number, known: Float64Array): number {
  const below = firstIndex(known, (each) => each >= value);
  const upTo = firstIndex(known, (each) => each > value);
  return (below + upTo) / (2 * known.length);
}

/** Index of the first element of which `holds` is true; it must be true of all behind it. */
function firstIndex(values: Float64Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(values[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Features as vectors. @param features [N, d] */
export const featureVectors = (features: Float32Array, dimensions: number): VectorSource => ({
  count: features.length / dimensions,
  dimensions,
  rows: (begin, end) =>
    matrix(
      end - begin,
      dimensions,
      Float64Array.from(features.subarray(begin * dimensions, end * dimensions)),
    ),
});
