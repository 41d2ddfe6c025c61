/**
 * Precision and recall by nearest neighbors (Kynkäänniemi et al. 2019, "Improved Precision and
 * Recall Metric"), density and coverage (Naeem et al. 2020, "Reliable Fidelity and Diversity
 * Metrics"). A set's manifold is the union of closed balls around its features, each reaching to
 * the k-th nearest other feature of the same set.
 *
 *     precision  share of generated images in the manifold of the real ones        k = 3
 *     recall     share of real images in the manifold of the generated ones        k = 3
 *     density    mean number of real balls a generated image lies in, over k       k = 5
 *     coverage   share of real balls with a generated image in it                  k = 5
 */

import { UserError } from "../../base/errors.ts";
import { metricValue } from "../../base/metric-quantities.ts";
import { rowRange, squaredNorms } from "../extraction/feature-rows.ts";
import type { Matrix, Products } from "../linalg/matrix.ts";
import type { MetricDefinition } from "../metric.ts";

/** Neighbors for precision and recall, and for density and coverage, as their authors propose. */
export const NEIGHBORS = { manifold: 3, density: 5 } as const;
/** Features either set must have: every one has as many neighbors besides itself. */
const MIN = 1 + Math.max(NEIGHBORS.manifold, NEIGHBORS.density);
/**
 * Features of either set that are looked at: what the authors of density and coverage use. Cost
 * grows with the square.
 */
export const MAX_FEATURES = 10_000;
/** Rows of a distance matrix that are computed at a time. */
const ROWS = 512;
/** Squared distances below this share of the squared norms are rounding: the two are one point. */
const SAME_POINT = 1e-12;

/** The four numbers. */
export interface ManifoldScores {
  readonly precision: number;
  readonly recall: number;
  readonly density: number;
  readonly coverage: number;
}

/** A set of features with what is needed again and again. */
interface PointSet {
  readonly points: Matrix;
  readonly norms: Float64Array;
}

/**
 * Precision, recall, density and coverage of generated features.
 * @param real [m, d]
 * @param generated [n, d]
 * @throws UserError when a set has no more features than neighbors are asked for
 */
export async function manifoldScores(
  real: Float32Array,
  generated: Float32Array,
  dimensions: number,
  products: Products,
  onProgress?: (share: number) => void,
): Promise<ManifoldScores> {
  const pointSet = (features: Float32Array): PointSet => {
    const count = Math.min(MAX_FEATURES, features.length / dimensions);
    const points = rowRange(features, dimensions, 0, count);
    return { points, norms: squaredNorms(points) };
  };
  const [x, y] = [pointSet(real), pointSet(generated)];
  const [m, n] = [x.points.rows, y.points.rows];
  if (Math.min(m, n) < MIN)
    throw new UserError(
      `Precision, recall, density and coverage of ${m} and ${n} images.`,
      `They need at least ${MIN} of each, and mean something from a few thousand on.`,
    );
  const ks = [NEIGHBORS.manifold, NEIGHBORS.density];
  const [real3, real5] = await neighborRadii(x, ks, products, (share) => onProgress?.(share / 3));
  const [made3] = await neighborRadii(y, [NEIGHBORS.manifold], products, (share) =>
    onProgress?.((1 + share) / 3),
  );

  const precise = new Uint8Array(n);
  let recalled = 0;
  let covered = 0;
  let memberships = 0;
  await forEachDistanceRow(x, y, products, (i, row) => {
    let inMade = false;
    let isCovered = false;
    for (let j = 0; j < n; j++) {
      const distance = row[j]!;
      if (distance <= real3![i]!) precise[j] = 1;
      if (distance <= made3![j]!) inMade = true;
      if (distance <= real5![i]!) {
        isCovered = true;
        memberships++;
      }
    }
    if (inMade) recalled++;
    if (isCovered) covered++;
    if (i % ROWS === 0) onProgress?.((2 + i / m) / 3);
  });
  return {
    precision: precise.reduce((sum, value) => sum + value, 0) / n,
    recall: recalled / m,
    density: memberships / (NEIGHBORS.density * n),
    coverage: covered / m,
  };
}

/**
 * Squared distances from every point to its k-th nearest other point, an array for each of `ks`.
 */
async function neighborRadii(
  set: PointSet,
  ks: readonly number[],
  products: Products,
  onProgress: (share: number) => void,
): Promise<Float64Array[]> {
  const n = set.points.rows;
  const max = Math.max(...ks);
  const radii = ks.map(() => new Float64Array(n));
  const nearest = new Float64Array(max);
  await forEachDistanceRow(set, set, products, (i, row) => {
    nearest.fill(Number.POSITIVE_INFINITY);
    for (let j = 0; j < n; j++) {
      const distance = row[j]!;
      if (j === i || distance >= nearest[max - 1]!) continue;
      let at = max - 1;
      for (; at > 0 && nearest[at - 1]! > distance; at--) nearest[at] = nearest[at - 1]!;
      nearest[at] = distance;
    }
    ks.forEach((k, which) => {
      radii[which]![i] = nearest[k - 1]!;
    });
    if (i % ROWS === 0) onProgress(i / n);
  });
  return radii;
}

/** |x − y|² = |x|² + |y|² − 2 x·y, row by row. The row is only valid during the call. */
async function forEachDistanceRow(
  x: PointSet,
  y: PointSet,
  products: Products,
  take: (i: number, row: Float64Array) => void,
): Promise<void> {
  const { rows: m, columns, data } = x.points;
  const n = y.points.rows;
  for (let first = 0; first < m; first += ROWS) {
    const rows = Math.min(ROWS, m - first);
    const part = { rows, columns, data: data.subarray(first * columns, (first + rows) * columns) };
    const dots = (await products.multiply(part, y.points, false, true)).data;
    for (let i = 0; i < rows; i++) {
      const row = dots.subarray(i * n, (i + 1) * n);
      const norm = x.norms[first + i]!;
      for (let j = 0; j < n; j++) {
        const norms = norm + y.norms[j]!;
        const distance = norms - 2 * row[j]!;
        row[j] = distance > SAME_POINT * norms ? distance : 0;
      }
      take(first + i, row);
    }
  }
}

/** Precision, recall, density, coverage. */
export const prdc: MetricDefinition = {
  name: "prdc",
  title: "Precision, recall, density, coverage",
  description:
    "how many generated images look real, and how much of the real ones is met (Kynkäänniemi et al. 2019, Naeem et al. 2020)",
  better: "higher",
  needs: ["features"],
  minImages: () => MIN,
  values: [metricValue("precision"), metricValue("recall"), metricValue("density"), metricValue("coverage")],
  async compute({ reference, generated, dimensions, products, onProgress }) {
    const scores = await manifoldScores(
      reference.features!,
      generated.features!,
      dimensions,
      products,
      onProgress,
    );
    return { ...scores };
  },
};
