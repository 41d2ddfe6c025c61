/**
 * Inception Score (Salimans et al. 2016): exp of the mean Kullback–Leibler divergence of the
 * classes of one image, p(y|x), from those of all images, p(y). High when every image is of one
 * class and all classes occur. It never looks at real images. Over all samples at once (TFGAN,
 * compare_gan) or as the mean of several parts (the original, mimicry, torch-fidelity); the latter
 * is lower.
 */
import { mean } from "../../base/math/statistics.ts";
import { metricValue } from "../../base/metric-quantities.ts";
import type { MetricDefinition } from "../metric.ts";

/** A score and the population standard deviation over its parts (NaN for one). */
export interface ScoreInParts {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * The Inception Score of logits, and how it differs between parts of the samples.
 * @param logits [N, classes]
 * @param splits parts of consecutive samples, at most N
 */
export function inceptionScore(logits: Float32Array, classes: number, splits: number): ScoreInParts {
  const count = logits.length / classes;
  const parts = Math.min(splits, count);
  const scores = Array.from({ length: parts }, (_, i) => {
    const [begin, end] = [Math.floor((i * count) / parts), Math.floor(((i + 1) * count) / parts)];
    return scoreOf(logits.subarray(begin * classes, end * classes), classes);
  });
  const center = mean(scores);
  const variance = mean(scores.map((score) => (score - center) ** 2));
  return { mean: center, deviation: parts > 1 ? Math.sqrt(variance) : Number.NaN };
}

/** mean Σ p(y|x) log (p(y|x) / p(y)) = mean Σ p(y|x) log p(y|x) − Σ p(y) log p(y). */
function scoreOf(logits: Float32Array, classes: number): number {
  const count = logits.length / classes;
  const marginal = new Float64Array(classes);
  let sharpness = 0;
  for (let i = 0; i < count; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    let largest = Number.NEGATIVE_INFINITY;
    for (const value of row) largest = Math.max(largest, value);
    let total = 0;
    for (const value of row) total += Math.exp(value - largest);
    const normalizer = largest + Math.log(total);
    row.forEach((value, y) => {
      const log = value - normalizer;
      const p = Math.exp(log);
      if (p > 0) sharpness += p * log;
      marginal[y] = marginal[y]! + p / count;
    });
  }
  const spread = marginal.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
  return Math.exp(sharpness / count - spread);
}

/** The Inception Score of the generated images. */
export const inceptionScoreMetric: MetricDefinition = {
  name: "is",
  title: "Inception Score",
  description: "how sure the classifier is of each image, and how varied of all (Salimans et al. 2016)",
  better: "higher",
  needs: ["logits"],
  values: [metricValue("is"), metricValue("isDeviation")],
  async compute({ generated, classes, protocol }) {
    const { mean, deviation } = inceptionScore(generated.logits!, classes!, protocol.inceptionScoreSplits);
    return { is: mean, ...(Number.isFinite(deviation) && { isDeviation: deviation }) };
  },
};
