/** What `evaluate` and `compare` have in common: the options, and opening what they name. */

import { UserError, unknownName } from "../base/errors.ts";
import { defaultCacheFolder } from "../data/index.node.ts";
import { SPLITS, type Split } from "../data/store.ts";
import { statisticsCache } from "../metrics/cache.node.ts";
import { countsInWords, isMeasurable, needsOf, requireMeasurable } from "../metrics/counts.ts";
import type { FeatureNetwork } from "../metrics/features/feature-network.ts";
import { chooseFeatures, openFeatures } from "../metrics/features/registry.node.ts";
import { openProducts, type ProductsOnRuntime } from "../metrics/linalg/products.node.ts";
import type { MetricDefinition } from "../metrics/metric.ts";
import { type Protocol, protocolOf } from "../metrics/protocol.ts";
import type { StatisticsCache } from "../metrics/reference.ts";
import { metricsOf } from "../metrics/registry.ts";
import { requireEnough, type SampleCounts } from "../metrics/sample-counts.ts";
import type { CommandOptions } from "./command.ts";
import type { Output } from "./output.ts";

/** Measured unless told otherwise. */
const DEFAULT_METRICS = "fid,kid,prdc";

/** What the options say, before anything is opened. */
export interface EvaluationRequest {
  readonly protocol: Protocol;
  readonly metrics: readonly MetricDefinition[];
  /** Whether the user has not named each of them: then those that cannot be had are left out. */
  readonly optional: boolean;
  readonly features: string | undefined;
  readonly samples: number | undefined;
  readonly repeats: number | undefined;
  readonly threads: number | undefined;
}

/** Read the options both commands have. @throws UserError for unknown names and numbers out of range */
export function readEvaluationRequest(options: CommandOptions): EvaluationRequest {
  const names = (options.text("metrics") ?? DEFAULT_METRICS)
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0)
    throw new UserError("--metrics names none.", "For example: --metrics fid,kid; or --metrics all.");
  return {
    protocol: protocolOf(options.text("protocol") ?? "paper"),
    metrics: metricsOf(names),
    optional: names.includes("all") || options.text("metrics") === undefined,
    features: options.text("features"),
    samples: readSamples(options),
    repeats: options.number("repeats", { whole: true, min: 1, max: 100 }),
    threads: options.number("threads", { whole: true, min: 0 }),
  };
}

/** @throws UserError for so few that nothing could be said of them */
function readSamples(options: CommandOptions): number | undefined {
  const samples = options.number("samples", { whole: true, min: 0 });
  if (samples !== undefined) requireEnough(samples, "sample");
  return samples;
}

/** The part of a data set an option names. @throws UserError for an unknown one */
export function readSplit(options: CommandOptions, name: string, standard: Split): Split {
  const text = options.text(name) ?? standard;
  const found = SPLITS.find((split) => split === text);
  if (!found) throw unknownName("split", text, SPLITS);
  return found;
}

/** What an evaluation runs on. */
export interface Instruments {
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
export async function openInstruments(
  request: Pick<EvaluationRequest, "features" | "threads" | "metrics" | "optional">,
  output: Output,
  signal: AbortSignal,
  earlier?: string,
): Promise<Instruments> {
  const { name, why } = await chooseFeatures(request.features, earlier);
  if (why !== undefined) output.line(`features: ${name}, as ${why}`);
  const network = await openFeatures(name, { threads: request.threads, signal });
  const products = openProducts(request.threads);
  const servable = request.metrics.filter(
    (metric) => network.classes !== undefined || !metric.needs.includes("logits"),
  );
  const left = request.metrics.filter((metric) => !servable.includes(metric));
  if (request.optional && left.length > 0)
    output.warning(
      `${network.name} gives features and no classes: ${left.map((metric) => metric.title).join(", ")} left out.`,
    );
  return {
    network,
    products,
    cache: statisticsCache(defaultCacheFolder(), (note) => output.warning(note)),
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
  output: Output,
): readonly MetricDefinition[] {
  const kept = optional ? metrics.filter((metric) => isMeasurable(metric, counts, protocol)) : metrics;
  requireMeasurable(kept, counts, protocol);
  const left = metrics.filter((metric) => !kept.includes(metric));
  if (left.length > 0)
    output.warning(
      `Left out, for ${countsInWords(counts)} are too few: ${left.map((metric) => needsOf(metric, counts, protocol)).join("; ")}.`,
    );
  return kept;
}
