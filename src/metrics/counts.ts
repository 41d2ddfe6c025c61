/** How many images an evaluation takes, and how many it cannot do without. */

import { UserError } from "../base/errors.ts";
import { option } from "../base/option-names.ts";
import { formatCount } from "../base/text/format/index.ts";
import type { Split } from "../data/store/store.ts";
import { BUILT_IN_FEATURES } from "./features/feature-network.ts";
import type { MetricDefinition } from "./metric.ts";
import type { Protocol } from "./protocol.ts";
import { requireEnough, type SampleCounts } from "./sample-counts.ts";

/**
 * How many images a protocol wants, of those there are.
 * @param available reference images
 * @param samples number of samples the user asks for instead of the protocol's
 */
export function sampleCounts(protocol: Protocol, available: number, samples?: number): SampleCounts {
  const max = Math.min(available, protocol.reference.max);
  if (protocol.samples === "as-reference")
    return { reference: Math.min(max, samples ?? max), generated: samples ?? max };
  return { reference: max, generated: samples ?? protocol.samples };
}

/**
 * Below this many images FID is mostly bias: the covariance of 2,048 Inception features is
 * singular.
 */
export const FEW_SAMPLES = 2048;

/** What surrounds the counts of an evaluation. */
export interface CountContext {
  /** Part of the data set that is the reference. */
  readonly split?: Split;
  /** Name of the feature network. */
  readonly features?: string;
}

/** Whether a metric can be computed of so many images. */
export const isMeasurable = (metric: MetricDefinition, counts: SampleCounts, protocol: Protocol): boolean =>
  Math.min(counts.reference, counts.generated) >= (metric.minImages?.(counts, protocol) ?? 0);

/**
 * Refuse sets of images that are too small for the metrics asked for.
 * @throws UserError for fewer than three images on a side, or fewer than one of the metrics needs:
 * before anything is computed
 */
export function requireMeasurable(
  metrics: readonly MetricDefinition[],
  counts: SampleCounts,
  protocol: Protocol,
): void {
  requireEnough(counts.reference, "reference image");
  requireEnough(counts.generated, "sample");
  const wanting = metrics.find((metric) => !isMeasurable(metric, counts, protocol));
  if (!wanting) return;
  throw new UserError(
    `${needsOf(wanting, counts, protocol)}; there are ${countsInWords(counts)}.`,
    `Take more, or leave "${wanting.name}" out of ${option("metrics")}.`,
  );
}

/** `PRD: 20 images on either side are the least` */
export const needsOf = (metric: MetricDefinition, counts: SampleCounts, protocol: Protocol): string =>
  `${metric.title}: ${formatCount(metric.minImages?.(counts, protocol) ?? 0)} images on either side are the least`;

/** `5,000 reference and 64 generated images` */
export const countsInWords = ({ reference, generated }: SampleCounts): string =>
  `${formatCount(reference)} reference and ${formatCount(generated)} generated images`;

/**
 * What is to be said of few images: the side that has few, what that does to the metrics that were
 * asked for, and the remedy.
 * @param reference the part of the data set that is the reference, and the name of the feature
 * network; for the remedy
 */
export function countWarnings(
  counts: SampleCounts,
  metrics: readonly MetricDefinition[],
  dimensions: number,
  { split, features }: CountContext = {},
): string[] {
  const { reference, generated } = counts;
  const fewest = Math.min(reference, generated);
  if (fewest >= FEW_SAMPLES) return [];
  const short =
    Math.max(reference, generated) < FEW_SAMPLES
      ? countsInWords(counts)
      : `${formatCount(fewest)} ${reference < generated ? "reference" : "generated"} images`;
  const many = formatCount(FEW_SAMPLES);
  const remedy =
    reference < FEW_SAMPLES && split !== undefined && split !== "all"
      ? " More are taken by quarterturn evaluate --split all."
      : "";
  const known =
    features === BUILT_IN_FEATURES
      ? " The built-in features know small photographs of CIFAR-10's kind; of other pictures trust your eye before them."
      : "";
  if (!metrics.some(({ needs }) => needs.includes("moments")))
    return [
      `Only ${short}: numbers of fewer than ${many} scatter, and those of different counts are not comparable.${remedy}${known}`,
    ];
  const singular =
    fewest <= dimensions
      ? ` (and no more than the ${formatCount(dimensions)} features: the covariance is singular)`
      : "";
  return [
    `Only ${short}${singular}: with fewer than ${many} FID depends on how many they are. Compare it only with numbers of the same counts and the same features, never with published ones.${remedy}${known}`,
  ];
}
