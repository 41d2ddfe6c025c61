/**
 * Mini-batch k-means (Sculley 2010, "Web-Scale K-Means Clustering") started by k-means++ (Arthur
 * and Vassilvitskii 2007): what PRD clusters with. Of several starts the one with the smallest
 * distances on a batch goes on, as in scikit-learn's MiniBatchKMeans.
 */
import type { RandomStream } from "../../base/random.ts";
import { squaredNorms } from "../extraction/feature-rows.ts";
import { type Matrix, matrix, type Products } from "../linalg/matrix.ts";

const BATCH = 1024;
const STARTS = 3;
/** Batches are drawn until the centers have stood still for a while, and no more than this. */
const MAX_BATCHES = 100;
const PATIENCE = 10;

/** Every point's nearest center, and the mean squared distance to it. */
export interface Assignment {
  readonly labels: Uint32Array;
  readonly inertia: number;
}

/** Assign points [n, d] to centers [k, d]. */
export async function assign(points: Matrix, centers: Matrix, products: Products): Promise<Assignment> {
  const [n, k] = [points.rows, centers.rows];
  const dots = (await products.multiply(points, centers, false, true)).data;
  const [pointNorms, centerNorms] = [squaredNorms(points), squaredNorms(centers)];
  const labels = new Uint32Array(n);
  let inertia = 0;
  for (let i = 0; i < n; i++) {
    let smallest = Number.POSITIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      const distance = centerNorms[c]! - 2 * dots[i * k + c]!;
      if (distance >= smallest) continue;
      smallest = distance;
      labels[i] = c;
    }
    inertia += Math.max(0, smallest + pointNorms[i]!) / n;
  }
  return { labels, inertia };
}

/** k centers of points [n, d], n ≥ k. */
export async function miniBatchKMeans(
  points: Matrix,
  k: number,
  products: Products,
  random: RandomStream,
): Promise<Matrix> {
  const draw = (): Matrix => drawRows(points, Math.min(BATCH, points.rows), random);
  const validation = draw();
  let centers = plusPlus(validation, k, random);
  let best = (await assign(validation, centers, products)).inertia;
  for (let start = 1; start < STARTS; start++) {
    const candidate = plusPlus(draw(), k, random);
    const { inertia } = await assign(validation, candidate, products);
    if (inertia < best) [centers, best] = [candidate, inertia];
  }

  const weights = new Float64Array(k);
  let smoothed = Number.POSITIVE_INFINITY;
  let lowest = Number.POSITIVE_INFINITY;
  let unimproved = 0;
  for (let turn = 0; turn < MAX_BATCHES && unimproved < PATIENCE; turn++) {
    const batch = draw();
    const { labels, inertia } = await assign(batch, centers, products);
    moveCenters(centers, weights, batch, labels);
    smoothed = Number.isFinite(smoothed) ? 0.7 * smoothed + 0.3 * inertia : inertia;
    unimproved = smoothed < lowest ? 0 : unimproved + 1;
    lowest = Math.min(lowest, smoothed);
  }
  return centers;
}

/**
 * Cluster points together and count: how many of the first `boundary` points, and how many of the
 * others, are in each cluster.
 * @returns two arrays of [k]
 */
export async function clusterCounts(
  points: Matrix,
  boundary: number,
  k: number,
  products: Products,
  random: RandomStream,
): Promise<[Float64Array, Float64Array]> {
  const centers = await miniBatchKMeans(points, k, products, random);
  const { labels } = await assign(points, centers, products);
  const counts: [Float64Array, Float64Array] = [new Float64Array(k), new Float64Array(k)];
  labels.forEach((label, i) => {
    const of = counts[i < boundary ? 0 : 1];
    of[label] = of[label]! + 1;
  });
  return counts;
}

/** Each center is the mean of all points it was given so far. */
function moveCenters(centers: Matrix, weights: Float64Array, batch: Matrix, labels: Uint32Array): void {
  const d = centers.columns;
  labels.forEach((c, i) => {
    weights[c] = weights[c]! + 1;
    const rate = 1 / weights[c]!;
    for (let j = 0; j < d; j++) {
      const at = c * d + j;
      centers.data[at] = centers.data[at]! + rate * (batch.data[i * d + j]! - centers.data[at]!);
    }
  });
}

/**
 * k-means++: every further center is a point, drawn with a chance that grows with its squared
 * distance from the nearest so far.
 */
function plusPlus(points: Matrix, k: number, random: RandomStream): Matrix {
  const { rows: n, columns: d, data } = points;
  const centers = matrix(k, d);
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  let chosen = random.integer(n);
  for (let c = 0; c < k; c++) {
    const center = data.subarray(chosen * d, (chosen + 1) * d);
    centers.data.set(center, c * d);
    let total = 0;
    for (let i = 0; i < n; i++) {
      let distance = 0;
      for (let j = 0; j < d; j++) distance += (data[i * d + j]! - center[j]!) ** 2;
      nearest[i] = Math.min(nearest[i]!, distance);
      total += nearest[i]!;
    }
    let left = random.uniform() * total;
    chosen = 0;
    while (chosen < n - 1 && left >= nearest[chosen]!) left -= nearest[chosen++]!;
  }
  return centers;
}

/** Random rows, with replacement. */
function drawRows(points: Matrix, count: number, random: RandomStream): Matrix {
  const rows = matrix(count, points.columns);
  for (let i = 0; i < count; i++) {
    const from = random.integer(points.rows) * points.columns;
    rows.data.set(points.data.subarray(from, from + points.columns), i * points.columns);
  }
  return rows;
}
