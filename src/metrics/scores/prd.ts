/**
 * Precision and recall of distributions (Sajjadi et al. 2018, "Assessing Generative Models via
 * Precision and Recall"), as compare_gan computes it: both sets are clustered together, and the
 * histograms over the clusters are compared at 1,001 trade-offs; the curve is the mean of ten
 * clusterings. Summed up by F₈ (recall counts more) and F⅛ (precision counts more), each the
 * largest on the curve.
 */

import { UserError } from "../../base/errors.ts";
import { metricValue } from "../../base/metric-quantities.ts";
import type { RandomStream } from "../../base/random.ts";
import { rowRange } from "../extraction/feature-rows.ts";
import { matrix, type Products } from "../linalg/matrix.ts";
import type { MetricDefinition } from "../metric.ts";
import { clusterCounts } from "./k-means.ts";

const CLUSTERS = 20;
const RUNS = 10;
const ANGLES = 1001;
/** The trade-offs at the ends would divide by 0. */
const EDGE = 1e-10;

/** A curve of [angles] points. */
export interface PrdCurve {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
}

/**
 * The curve for two discrete distributions: at slope λ, precision Σ min(λ · reference, generated)
 * and recall that over λ.
 * @param generated probabilities; @param reference probabilities of the same states
 */
export function prdCurve(generated: Float64Array, reference: Float64Array, angles = ANGLES): PrdCurve {
  const precision = new Float64Array(angles);
  const recall = new Float64Array(angles);
  for (let i = 0; i < angles; i++) {
    const slope = Math.tan(EDGE + ((Math.PI / 2 - 2 * EDGE) * i) / (angles - 1));
    let total = 0;
    for (let k = 0; k < generated.length; k++) total += Math.min(slope * reference[k]!, generated[k]!);
    precision[i] = total;
    recall[i] = total / slope;
  }
  return { precision, recall };
}

/** The largest F_β on a curve, F_β = (1 + β²) p r / (β² p + r). */
export function largestF({ precision, recall }: PrdCurve, beta: number): number {
  const square = beta * beta;
  let largest = 0;
  precision.forEach((p, i) => {
    largest = Math.max(largest, ((1 + square) * p * recall[i]!) / (square * p + recall[i]! + EDGE));
  });
  return largest;
}

/**
 * The mean curve over clusterings.
 * @param generated [n, d]; @param reference [m, d]; of the larger set only as many are used as the
 * smaller has
 * @throws UserError when there are fewer than there are clusters
 */
export async function prdOfFeatures(
  generated: Float32Array,
  reference: Float32Array,
  dimensions: number,
  products: Products,
  random: RandomStream,
  onProgress?: (share: number) => void,
): Promise<PrdCurve> {
  const count = Math.min(generated.length, reference.length) / dimensions;
  if (count < CLUSTERS)
    throw new UserError(`PRD of ${count} images.`, `It needs at least ${CLUSTERS}, better a few thousand.`);
  // A set with more features would draw the clusters to itself.
  const both = matrix(2 * count, dimensions);
  both.data.set(rowRange(generated, dimensions, 0, count).data);
  both.data.set(rowRange(reference, dimensions, 0, count).data, count * dimensions);
  const mean: PrdCurve = { precision: new Float64Array(ANGLES), recall: new Float64Array(ANGLES) };
  for (let run = 0; run < RUNS; run++) {
    const [ofGenerated, ofReference] = await clusterCounts(both, count, CLUSTERS, products, random);
    const curve = prdCurve(
      ofGenerated.map((hits) => hits / count),
      ofReference.map((hits) => hits / count),
    );
    for (let i = 0; i < ANGLES; i++) {
      mean.precision[i] = mean.precision[i]! + curve.precision[i]! / RUNS;
      mean.recall[i] = mean.recall[i]! + curve.recall[i]! / RUNS;
    }
    onProgress?.((run + 1) / RUNS);
  }
  return mean;
}

/** PRD, summed up in two numbers. */
export const prd: MetricDefinition = {
  name: "prd",
  title: "PRD",
  description: "precision and recall of the distributions over 20 clusters (Sajjadi et al. 2018)",
  better: "higher",
  needs: ["features"],
  minImages: () => CLUSTERS,
  values: [metricValue("prdRecall"), metricValue("prdPrecision")],
  async compute({ reference, generated, dimensions, products, random, onProgress }) {
    const curve = await prdOfFeatures(
      generated.features!,
      reference.features!,
      dimensions,
      products,
      random,
      onProgress,
    );
    return { prdRecall: largestF(curve, 8), prdPrecision: largestF(curve, 1 / 8) };
  },
};
