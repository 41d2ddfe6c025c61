/**
 * Mean and covariance of a stream of feature vectors, in double precision. No array of all features
 * is kept: 50,000 vectors of 2,048 would be 400 MB, their moments are 34 MB.
 *
 * Sums of squares lose digits where the mean is large beside the deviation, so everything is
 * measured from a point near the mean, the mean of the first block (the covariance does not depend
 * on it):
 *
 *     S = (Σ (x−a)(x−a)ᵀ − s sᵀ / n) / (n − 1),   s = Σ (x−a),   mean = a + s / n.
 */

import { type Matrix, matrix, type Products } from "../linalg/matrix.ts";
import { requireEnough } from "../sample-counts.ts";

/** What the Fréchet distance knows of a set of images. */
export interface Moments {
  readonly count: number;
  /** [d] */
  readonly mean: Float64Array;
  /** [d, d], divisor n − 1. */
  readonly covariance: Matrix;
}

/** Takes features as they come. */
export interface MomentsBuilder {
  /** @param features [count, d] */
  add(features: Float32Array, count: number): Promise<void>;
  /** @throws UserError for fewer than three vectors */
  finish(): Promise<Moments>;
}

/** Vectors in one product; many, so that adding the products up costs little beside making them. */
const BLOCK = 2048;
/**
 * Features in one product: only those on and above the diagonal are made, the others are their
 * transposes.
 */
const COLUMNS = 512;

/** Gathers mean and covariance of features that come in batches. @param dimensions d */
export function momentsBuilder(dimensions: number, products: Products): MomentsBuilder {
  const d = dimensions;
  const block = new Float64Array(BLOCK * d);
  const sum = new Float64Array(d);
  const squares = new Float64Array(d * d);
  let origin: Float64Array | undefined;
  let waiting = 0;
  let count = 0;

  const flush = async (): Promise<void> => {
    if (waiting === 0) return;
    origin ??= columnMeans(block, waiting, d);
    for (let i = 0; i < waiting; i++)
      for (let j = 0, at = i * d; j < d; j++, at++) {
        const value = block[at]! - origin[j]!;
        block[at] = value;
        sum[j] = sum[j]! + value;
      }
    await addGram(squares, block, waiting, d, products);
    count += waiting;
    waiting = 0;
  };

  return {
    async add(features, added) {
      for (let i = 0; i < added; i++) {
        block.set(features.subarray(i * d, (i + 1) * d), waiting * d);
        if (++waiting === BLOCK) await flush();
      }
    },
    async finish() {
      await flush();
      requireEnough(count);
      const mean = sum.map((value, j) => origin![j]! + value / count);
      const covariance = matrix(d, d);
      for (let i = 0; i < d; i++)
        for (let j = i; j < d; j++) {
          const value = (squares[i * d + j]! - (sum[i]! * sum[j]!) / count) / (count - 1);
          covariance.data[i * d + j] = value;
          covariance.data[j * d + i] = value;
        }
      return { count, mean, covariance };
    },
  };
}

/** Moments of features that are all there. @param features [count, d] */
export async function momentsOf(
  features: Float32Array,
  dimensions: number,
  products: Products,
): Promise<Moments> {
  const builder = momentsBuilder(dimensions, products);
  await builder.add(features, features.length / dimensions);
  return builder.finish();
}

/**
 * squares += Xᵀ X for the rows X [rows, d] of a block, on and above the diagonal; what lies below
 * is left to be mirrored.
 */
async function addGram(
  squares: Float64Array,
  block: Float64Array,
  rows: number,
  d: number,
  products: Products,
): Promise<void> {
  const strips: Matrix[] = [];
  for (let begin = 0; begin < d; begin += COLUMNS) {
    const strip = matrix(rows, Math.min(COLUMNS, d - begin));
    for (let i = 0; i < rows; i++)
      strip.data.set(block.subarray(i * d + begin, i * d + begin + strip.columns), i * strip.columns);
    strips.push(strip);
  }
  for (let left = 0; left < strips.length; left++)
    for (let right = left; right < strips.length; right++) {
      const {
        rows: high,
        columns: wide,
        data,
      } = await products.multiply(strips[left]!, strips[right]!, true, false);
      for (let i = 0; i < high; i++) {
        const to = (left * COLUMNS + i) * d + right * COLUMNS;
        for (let j = 0; j < wide; j++) squares[to + j] = squares[to + j]! + data[i * wide + j]!;
      }
    }
}

function columnMeans(block: Float64Array, rows: number, d: number): Float64Array {
  const means = new Float64Array(d);
  for (let i = 0; i < rows; i++) for (let j = 0; j < d; j++) means[j] = means[j]! + block[i * d + j]!;
  return means.map((total) => total / rows);
}
