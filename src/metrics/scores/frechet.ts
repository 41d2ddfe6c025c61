/**
 * The Fréchet distance between two sets of features, each taken for a Gaussian (Heusel et al. 2017,
 * "GANs Trained by a Two Time-Scale Update Rule"; FID with Inception features):
 *
 *     |m₁ − m₂|² + Tr S₁ + Tr S₂ − 2 Tr (S₁ S₂)^½.
 *
 * S₁ S₂ is not symmetric, but with S₁ = F Fᵀ it has the eigenvalues (but for zeros) of Fᵀ S₂ F,
 * which is symmetric and semi-definite; the last trace is the sum of their square roots. TFGAN
 * takes F = S₁^½, which costs an eigen-decomposition with vectors; any F will do, and Cholesky's
 * costs an eighth of it. Fᵀ S₂ F has as many rows as S₁ has rank: fewer images than features make
 * it small instead of singular.
 */

import { metricValue } from "../../base/metric-quantities.ts";
import type { Moments } from "../extraction/moments.ts";
import { semidefiniteFactor } from "../linalg/cholesky.ts";
import { symmetricEigenvalues } from "../linalg/eigenvalues.ts";
import { type Matrix, matrix, type Products, trace } from "../linalg/matrix.ts";
import type { MetricDefinition } from "../metric.ts";

/** Shares of the time that have gone by when the factor is there, and when the two products are. */
const FACTORED = 0.25;
const MULTIPLIED = 0.35;

/**
 * The distance, in squared units of the features. Rounding can leave it below 0 by some 1e-8 of the
 * traces.
 * @param onProgress called between blocks of columns with the share done; an error it throws ends
 * the computation
 * @throws RangeError when the two have not the same dimensions, or an element is not finite
 */
export async function frechetDistance(
  a: Moments,
  b: Moments,
  products: Products,
  onProgress?: (share: number) => void,
): Promise<number> {
  if (a.mean.length !== b.mean.length)
    throw new RangeError(`features of ${a.mean.length} and of ${b.mean.length} dimensions`);
  let apart = 0;
  for (let i = 0; i < a.mean.length; i++) apart += (a.mean[i]! - b.mean[i]!) ** 2;
  const root = await traceOfRoot(a, b, products, onProgress);
  return apart + trace(a.covariance) + trace(b.covariance) - 2 * root;
}

/** Tr (S₁ S₂)^½, from the factor of the one that can have the lower rank. */
async function traceOfRoot(
  a: Moments,
  b: Moments,
  products: Products,
  onProgress?: (share: number) => void,
): Promise<number> {
  const [factored, other] = rankBound(a) <= rankBound(b) ? [a, b] : [b, a];
  const { rows, columns, data } = factored.covariance;
  if (!data.every(Number.isFinite)) throw new RangeError("a covariance that is not finite");
  const { factor } = await semidefiniteFactor(matrix(rows, columns, data.slice()), products, (share) =>
    onProgress?.(FACTORED * share),
  );
  if (factor.columns === 0) return 0;
  const half = await products.multiply(other.covariance, factor);
  const inner = await products.multiply(factor, half, true, false);
  onProgress?.(MULTIPLIED);
  const eigenvalues = await symmetricEigenvalues(symmetric(inner), products, (share) =>
    onProgress?.(MULTIPLIED + (1 - MULTIPLIED) * share),
  );
  return eigenvalues.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
}

/** The rank is at most one less than the images, and at most the features that vary. */
function rankBound({ count, covariance: { rows, data } }: Moments): number {
  let varying = 0;
  for (let i = 0; i < rows; i++) if (data[i * rows + i]! > 0) varying++;
  return Math.min(count - 1, varying);
}

/** The mean of a matrix and its transpose, in place. */
function symmetric(a: Matrix): Matrix {
  const { rows: n, data } = a;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const value = (data[i * n + j]! + data[j * n + i]!) / 2;
      data[i * n + j] = value;
      data[j * n + i] = value;
    }
  return a;
}

/** FID: the Fréchet distance between reference and generated images. */
export const fid: MetricDefinition = {
  name: "fid",
  title: "FID",
  description: "Fréchet distance of the features (Heusel et al. 2017)",
  better: "lower",
  needs: ["moments"],
  values: [metricValue("fid")],
  async compute({ reference, generated, products, onProgress }) {
    return { fid: await frechetDistance(reference.moments!, generated.moments!, products, onProgress) };
  },
};
