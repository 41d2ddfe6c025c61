/**
 * Kernel distance between two sets of features (Bińkowski et al. 2018, "Demystifying MMD GANs"; KID
 * with Inception features): the unbiased estimate of the squared maximum mean discrepancy under the
 * kernel k(x, y) = (x·y / d + 1)³. Unlike FID its expectation does not depend on the number of
 * images; it can be below 0. Implementations differ in what they average over: see `KidSampling`.
 */

import { UserError } from "../../base/errors.ts";
import { mean } from "../../base/math/statistics.ts";
import { metricValue } from "../../base/metric-quantities.ts";
import type { RandomStream } from "../../base/random.ts";
import { rowsOf } from "../extraction/feature-rows.ts";
import { type Matrix, matrix, type Products } from "../linalg/matrix.ts";
import type { MetricDefinition } from "../metric.ts";
import type { KidSampling } from "../protocol.ts";

/** Rows of a kernel matrix that are computed at a time. */
const ROWS = 1024;

/**
 * An estimate, and the population standard deviation of the blocks or subsets it is the mean of
 * (NaN for one).
 */
export interface KernelDistance {
  readonly mean: number;
  readonly deviation: number;
  /** Blocks or subsets. */
  readonly parts: number;
}

/**
 * Unbiased MMD² of two sets of features, x [m, d] and y [n, d]:
 * Σ_{i≠j} k(xᵢ, xⱼ) / (m (m − 1)) + Σ_{i≠j} k(yᵢ, yⱼ) / (n (n − 1)) − 2 Σ k(xᵢ, yⱼ) / (m n).
 * @throws UserError for fewer than two vectors in either
 */
export async function kernelDistance(x: Matrix, y: Matrix, products: Products): Promise<number> {
  const [m, n] = [x.rows, y.rows];
  if (m < 2 || n < 2)
    throw new UserError(`KID of ${m} and ${n} images.`, "Two of each are the least, in every block.");
  const within = (await kernelSum(x, x, products, true)) / (m * (m - 1));
  const other = (await kernelSum(y, y, products, true)) / (n * (n - 1));
  return within + other - (2 * (await kernelSum(x, y, products, false))) / (m * n);
}

/** Sum of the kernel over all pairs, without those of a vector and itself if so asked. */
async function kernelSum(x: Matrix, y: Matrix, products: Products, offDiagonal: boolean): Promise<number> {
  let total = 0;
  for (let first = 0; first < x.rows; first += ROWS) {
    const rows = Math.min(ROWS, x.rows - first);
    const part = matrix(rows, x.columns, x.data.subarray(first * x.columns, (first + rows) * x.columns));
    const { data } = await products.multiply(part, y, false, true);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < y.rows; j++) {
        if (offDiagonal && j === first + i) continue;
        total += (data[i * y.rows + j]! / x.columns + 1) ** 3;
      }
  }
  return total;
}

/**
 * KID as a protocol averages it.
 * @param reference [m, d]
 * @param generated [n, d]
 * @throws UserError when a block or subset has fewer than two images
 */
export async function averagedKernelDistance(
  reference: Float32Array,
  generated: Float32Array,
  dimensions: number,
  sampling: KidSampling,
  products: Products,
  random: RandomStream,
  onProgress?: (share: number) => void,
): Promise<KernelDistance> {
  const [m, n] = [reference.length / dimensions, generated.length / dimensions];
  const pairs = [...choices(m, n, sampling, random)];
  const values: number[] = [];
  for (const [ofReference, ofGenerated] of pairs) {
    const x = rowsOf(reference, dimensions, ofReference);
    const y = rowsOf(generated, dimensions, ofGenerated);
    values.push(await kernelDistance(x, y, products));
    onProgress?.(values.length / pairs.length);
  }
  const center = mean(values);
  const variance = mean(values.map((value) => (value - center) ** 2));
  return {
    mean: center,
    deviation: values.length > 1 ? Math.sqrt(variance) : Number.NaN,
    parts: values.length,
  };
}

/** Which vectors of either set are compared, pair of subsets by pair of subsets. */
function* choices(
  m: number,
  n: number,
  sampling: KidSampling,
  random: RandomStream,
): Generator<readonly [Uint32Array, Uint32Array]> {
  if (sampling.kind === "blocks") {
    const blocks = blocksOf(Math.max(m, n), sampling.size);
    for (let i = 0; i < blocks; i++) yield [block(m, blocks, i), block(n, blocks, i)];
    return;
  }
  const min = Math.min(m, n);
  const size = sampling.size === "equal-parts" ? Math.floor(min / sampling.subsets) : sampling.size;
  const taken = Math.min(min, Math.max(2, size));
  for (let i = 0; i < sampling.subsets; i++)
    yield [drawDistinct(m, taken, random), drawDistinct(n, taken, random)];
}

const blocksOf = (count: number, size: number): number => Math.max(1, Math.ceil(count / size));

/**
 * Block `i` of `blocks` consecutive ones that differ in size by one at the most, the smaller ones
 * first (as in compare_gan).
 */
function block(count: number, blocks: number, i: number): Uint32Array {
  const size = Math.ceil(count / blocks);
  const smaller = blocks * size - count;
  const begin = i * size - Math.min(i, smaller);
  return Uint32Array.from({ length: i < smaller ? size - 1 : size }, (_, k) => begin + k);
}

/**
 * `taken` different numbers below `count`, in random order (the beginning of a Fisher–Yates
 * shuffle).
 */
export function drawDistinct(count: number, taken: number, random: RandomStream): Uint32Array {
  const all = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < taken; i++) {
    const j = i + random.integer(count - i);
    const swap = all[i]!;
    all[i] = all[j]!;
    all[j] = swap;
  }
  return all.slice(0, taken);
}

/** KID: the kernel distance between reference and generated images. */
export const kid: MetricDefinition = {
  name: "kid",
  title: "KID",
  description:
    "unbiased squared maximum mean discrepancy of the features, cubic kernel (Bińkowski et al. 2018)",
  better: "lower",
  needs: ["features"],
  minImages: ({ reference, generated }, { kid: sampling }) =>
    sampling.kind === "blocks" ? 2 * blocksOf(Math.max(reference, generated), sampling.size) : 2,
  values: [metricValue("kid"), metricValue("kidDeviation")],
  async compute({ reference, generated, dimensions, protocol, products, random, onProgress }) {
    const { mean, deviation } = await averagedKernelDistance(
      reference.features!,
      generated.features!,
      dimensions,
      protocol.kid,
      products,
      random,
      onProgress,
    );
    return { kid: mean, ...(Number.isFinite(deviation) && { kidDeviation: deviation }) };
  },
};
