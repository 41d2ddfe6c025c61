/**
 * An evaluation: reference images against generated ones, under a protocol, some metrics, some
 * times over with other samples. What comes out carries everything a number depends on.
 */

import { UserError } from "../base/errors.ts";
import { meanAndStdDev } from "../base/math/statistics.ts";
import { option } from "../base/option-names.ts";
import { randomStream } from "../base/random.ts";
import type { ImageStore, Split } from "../data/store/store.ts";
import { countWarnings, requireMeasurable } from "./counts.ts";
import type { ImageSet } from "./extraction/images.ts";
import { referenceStatistics, type StatisticsCache } from "./extraction/reference.ts";
import type { ResizeName } from "./extraction/resize.ts";
import { collectStatistics } from "./extraction/statistics.ts";
import type { FeatureNetwork } from "./features/feature-network.ts";
import type { Products } from "./linalg/matrix.ts";
import type { MetricDefinition, Need, Statistics } from "./metric.ts";
import type { KidSampling, Protocol, Quantization } from "./protocol.ts";
import type { SampleCounts } from "./sample-counts.ts";

/** Where an evaluation has got to. */
export interface EvaluationProgress {
  readonly phase: "reference" | "generated" | "metric";
  /** What is being done, in words. */
  readonly what: string;
  /** In [0, 1]. */
  readonly share: number;
  /** From 0, and how many there are. */
  readonly repeat: number;
  readonly repeats: number;
}

/** What is evaluated, and how. */
export interface EvaluationOptions {
  readonly protocol: Protocol;
  readonly metrics: readonly MetricDefinition[];
  readonly network: FeatureNetwork;
  readonly reference: ImageStore;
  readonly counts: SampleCounts;
  readonly repeats: number;
  /**
   * `counts.generated` images; other ones for every repeat (from 0). Their quantization is the
   * caller's business.
   */
  readonly generated: (repeat: number) => ImageSet;
  /** How the generated images were quantized. */
  readonly quantisation: Quantization;
  readonly products: Products;
  readonly cache?: StatisticsCache | undefined;
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A number over the repeats; one of the reference images alone has one value, however often is
 * repeated.
 */
export interface MetricResult {
  readonly mean: number;
  /** Sample standard deviation (divisor R − 1) over the repeats; null for one. */
  readonly deviation: number | null;
  readonly values: readonly number[];
}

/** The result. JSON. */
export interface Evaluation {
  readonly protocol: string;
  readonly features: { readonly name: string; readonly hash: string; readonly dimensions: number };
  readonly reference: {
    readonly data: string;
    readonly hash: string;
    readonly split: Split;
    /** Images used, and how many there are. */
    readonly count: number;
    readonly of: number;
  };
  readonly generated: { readonly count: number; readonly quantisation: Quantization };
  /**
   * Side the images were made or stored at, the side the network saw, and how one became the other.
   */
  readonly resize: { readonly from: number; readonly to: number; readonly method: ResizeName | "none" };
  readonly kidSampling: KidSampling;
  readonly inceptionScoreSplits: number;
  readonly repeats: number;
  readonly metrics: Readonly<Record<string, MetricResult>>;
  readonly warnings: readonly string[];
}

/**
 * Measure generated images against the reference under a protocol, with all repeats.
 * @throws UserError for fewer images than the metrics need, features that are not finite, or a
 *   metric the feature network cannot serve; the signal's reason when it aborts
 */
export async function evaluate(options: EvaluationOptions): Promise<Evaluation> {
  const { protocol, metrics, network, reference, counts, repeats, products, signal } = options;
  requireMeasurable(metrics, counts, protocol);
  requireLogits(metrics, network);
  const needs = new Set<Need>(metrics.flatMap((metric) => metric.needs));
  // Metrics report from within, so that an end that is asked for need not wait for the slowest of them.
  const report = (phase: EvaluationProgress["phase"], what: string, share: number, repeat = 0): void => {
    signal?.throwIfAborted();
    options.onProgress?.({ phase, what, share, repeat, repeats });
  };

  const common = { network, resize: protocol.resize, products, signal };
  const ofReference = await referenceStatistics(
    reference,
    counts.reference,
    needs,
    {
      ...common,
      what: "the reference",
      onProgress: (done) => report("reference", "reference images", done / counts.reference),
    },
    options.cache,
  );
  const alone = await numbersOfReference(ofReference, options, (title, share) =>
    report("reference", `${title} of the reference`, share),
  );
  const values = new Map<string, number[]>();
  for (let repeat = 0; repeat < repeats; repeat++) {
    const ofGenerated = await collectStatistics(options.generated(repeat), needs, {
      ...common,
      what: "the generated images",
      onProgress: (done) => report("generated", "generated images", done / counts.generated, repeat),
    });
    for (const metric of metrics) {
      report("metric", metric.title, 0, repeat);
      const results = await metric.compute({
        ...inputs(ofReference, options),
        generated: ofGenerated,
        random: randomStream(repeat, metric.name),
        onProgress: (share) => report("metric", metric.title, share, repeat),
      });
      for (const [key, value] of Object.entries(results))
        values.set(key, [...(values.get(key) ?? []), value]);
    }
  }
  // After the generator's own: the first number is the main one.
  for (const [key, value] of Object.entries(alone)) values.set(key, [value]);
  return {
    ...describe(options),
    metrics: Object.fromEntries([...values].map(([key, all]) => [key, summary(all)])),
  };
}

/**
 * Numbers of reference images that were computed in this process, by what decides them: checkpoints
 * of a run have the same ones.
 */
const knownOfReference = new WeakMap<ImageStore, Map<string, Readonly<Record<string, number>>>>();

/** The numbers that metrics make of the reference images alone. */
async function numbersOfReference(
  statistics: Statistics,
  options: EvaluationOptions,
  onProgress: (title: string, share: number) => void,
): Promise<Readonly<Record<string, number>>> {
  const { reference, metrics, counts, network, protocol } = options;
  const known = knownOfReference.get(reference) ?? new Map<string, Readonly<Record<string, number>>>();
  knownOfReference.set(reference, known);
  let all: Readonly<Record<string, number>> = {};
  for (const metric of metrics) {
    if (!metric.ofReference) continue;
    const key = [metric.name, counts.reference, network.hash, protocol.name].join(" ");
    const numbers =
      known.get(key) ??
      (await metric.ofReference({
        ...inputs(statistics, options),
        random: randomStream(0, metric.name),
        onProgress: (share) => onProgress(metric.title, share),
      }));
    known.set(key, numbers);
    all = { ...all, ...numbers };
  }
  return all;
}

const inputs = (reference: Statistics, options: EvaluationOptions) => ({
  reference,
  dimensions: options.network.dimensions,
  classes: options.network.classes,
  protocol: options.protocol,
  products: options.products,
});

/** Everything the numbers depend on. */
function describe(options: EvaluationOptions): Omit<Evaluation, "metrics"> {
  const { protocol, network, reference, counts, repeats } = options;
  const to = network.size || reference.size;
  return {
    protocol: protocol.name,
    features: { name: network.name, hash: network.hash, dimensions: network.dimensions },
    reference: {
      data: reference.summary.name,
      hash: reference.hash,
      split: reference.summary.split,
      count: counts.reference,
      of: reference.count,
    },
    generated: { count: counts.generated, quantisation: options.quantisation },
    resize: { from: reference.size, to, method: to === reference.size ? "none" : protocol.resize },
    kidSampling: protocol.kid,
    inceptionScoreSplits: protocol.inceptionScoreSplits,
    repeats,
    warnings: countWarnings(counts, options.metrics, network.dimensions, {
      split: reference.summary.split,
      features: network.name,
    }),
  };
}

function requireLogits(metrics: readonly MetricDefinition[], network: FeatureNetwork): void {
  const wanting = metrics.find((metric) => metric.needs.includes("logits"));
  if (wanting && network.classes === undefined)
    throw new UserError(
      `${wanting.title} needs a network that classifies; ${network.name} gives features only.`,
      `Leave "${wanting.name}" out of ${option("metrics")}, or choose other ${option("features")}.`,
    );
}

function summary(values: readonly number[]): MetricResult {
  const { mean, sd } = meanAndStdDev(values);
  return { mean, deviation: values.length > 1 ? sd : null, values };
}
