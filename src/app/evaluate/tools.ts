/**
 * What evaluations and comparisons are made with: a feature network, matrix products, a cache,
 * metrics.
 */
import { defaultCacheFolder } from "../../data/index.node.ts";
import { countsInWords, isMeasurable, needsOf, requireMeasurable } from "../../metrics/counts.ts";
import type { EvaluationProgress } from "../../metrics/evaluate.ts";
import { statisticsCache } from "../../metrics/extraction/cache.node.ts";
import type { StatisticsCache } from "../../metrics/extraction/reference.ts";
import type { FeatureNetwork } from "../../metrics/features/feature-network.ts";
import { chooseFeatures, openFeatures } from "../../metrics/features/registry.node.ts";
import { openProducts, type ProductsOnRuntime } from "../../metrics/linalg/products.node.ts";
import type { MetricDefinition } from "../../metrics/metric.ts";
import type { SampleCounts } from "../../metrics/sample-counts.ts";
import type { Context, Report } from "../context.ts";
import type { EvaluationRequest } from "./request.ts";

/** What an evaluation runs on. */
export interface EvaluationTools {
  readonly network: FeatureNetwork;
  readonly products: ProductsOnRuntime;
  readonly cache: StatisticsCache;
  readonly metrics: readonly MetricDefinition[];
  close(): Promise<void>;
}

/**
 * Open the feature network and what goes with it; which one is said where it is not plain.
 * @param signal ends a network from a user's file, which may take any time
 * @param earlier the network the same run was measured with before
 * @throws UserError when the network is not there or is none
 */
export async function openEvaluationTools(
  request: Pick<EvaluationRequest, "features" | "threads" | "metrics" | "optional">,
  { report }: Pick<Context, "report">,
  signal: AbortSignal,
  earlier?: string,
): Promise<EvaluationTools> {
  const { name, why } = await chooseFeatures(request.features, earlier);
  if (why !== undefined) void report({ kind: "choice", of: "features", name, why });
  const network = await openFeatures(name, { threads: request.threads, signal });
  const products = openProducts(request.threads);
  const servable = request.metrics.filter(
    (metric) => network.classes !== undefined || !metric.needs.includes("logits"),
  );
  const left = request.metrics.filter((metric) => !servable.includes(metric));
  if (request.optional && left.length > 0)
    void report({
      kind: "warning",
      message: `${network.name} gives features and no classes: ${left.map((metric) => metric.title).join(", ")} left out.`,
    });
  return {
    network,
    products,
    cache: statisticsCache(defaultCacheFolder(), (message) => void report({ kind: "warning", message })),
    metrics: request.optional ? servable : request.metrics,
    async close() {
      await network.close();
      await products.close();
    },
  };
}

/**
 * The metrics that so many images are enough for, with a word about the others.
 * @throws UserError when they are not enough for one that the user named, or for any
 */
export function metricsFor(
  counts: SampleCounts,
  metrics: readonly MetricDefinition[],
  { protocol, optional }: Pick<EvaluationRequest, "protocol" | "optional">,
  { report }: Pick<Context, "report">,
): readonly MetricDefinition[] {
  const kept = optional ? metrics.filter((metric) => isMeasurable(metric, counts, protocol)) : metrics;
  requireMeasurable(kept, counts, protocol);
  const left = metrics.filter((metric) => !kept.includes(metric));
  if (left.length > 0)
    void report({
      kind: "warning",
      message: `Left out, for ${countsInWords(counts)} are too few: ${left.map((metric) => needsOf(metric, counts, protocol)).join("; ")}.`,
    });
  return kept;
}

/** A listener for measurements. */
export const measuringOf =
  (report: Report) =>
  (progress: EvaluationProgress): void =>
    void report({ kind: "progress", activity: "measuring", ...progress });
