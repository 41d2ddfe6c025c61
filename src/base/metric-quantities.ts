/**
 * The numbers of an evaluation: what each is called, how it is written, and whether its name needs
 * that of the feature network.
 */
import { type NumberFormat, shortNumber } from "./text/format/index.ts";

/** Name of the feature network that comes with the package. */
export const BUILT_IN_FEATURES = "resnet20-cifar10";
/** Name of the one that published numbers are of. */
export const PUBLISHED_FEATURES = "inception";

/** `built-in features`, `features of dino`; undefined for Inception, which needs no name. */
export const featuresName = (features: string): string | undefined =>
  features === PUBLISHED_FEATURES
    ? undefined
    : features === BUILT_IN_FEATURES
      ? "built-in features"
      : `features of ${features}`;

/** A number of an evaluation. */
export interface MetricQuantity {
  readonly title: string;
  /** Digits behind the point. */
  readonly digits: number;
  /** It is computed of features; else of the images themselves. */
  readonly ofFeatures: boolean;
  readonly what: string;
}

const ofFeatures = (title: string, digits: number, what: string): MetricQuantity => ({
  ...{ title, digits, what, ofFeatures: true },
});

/** The numbers of an evaluation by their key in the record. */
export const METRIC_QUANTITIES = {
  fid: ofFeatures(
    "FID",
    3,
    "Distance of generated from real images as a feature network sees them; lower is better.",
  ),
  kid: ofFeatures("KID", 5, "Another such distance, without FID's bias for few samples; lower is better."),
  kidDeviation: ofFeatures("KID, deviation over subsets", 5, "How much KID differs from subset to subset."),
  is: ofFeatures(
    "Inception Score",
    3,
    "How sure and how varied a classifier is about the samples; higher is better.",
  ),
  isDeviation: ofFeatures(
    "Inception Score, deviation over splits",
    3,
    "How much it differs from part to part.",
  ),
  precision: ofFeatures("Precision", 4, "Share of samples that lie among real images."),
  recall: ofFeatures("Recall", 4, "Share of real images that lie among samples."),
  density: ofFeatures("Density", 4, "How densely real images lie around samples."),
  coverage: ofFeatures("Coverage", 4, "Share of real images with a sample near them."),
  prdRecall: ofFeatures("PRD F8 (recall)", 4, "Recall of distributions, by clusters."),
  prdPrecision: ofFeatures("PRD F1/8 (precision)", 4, "Precision of distributions, by clusters."),
  msSsim: {
    ...{ title: "MS-SSIM", digits: 4, ofFeatures: false },
    what: "How alike two samples are on average; near that of real images is better.",
  },
  msSsimReference: {
    ...{ title: "MS-SSIM of the reference", digits: 4, ofFeatures: false },
    what: "How alike two real images are on average.",
  },
} as const satisfies Readonly<Record<string, MetricQuantity>>;

/** Those by their key, whatever it is: the keys of a record may be any. */
const metrics = new Map<string, MetricQuantity>(Object.entries(METRIC_QUANTITIES));

/** The name, digits and meaning of a metric for its definition, with its key. */
export const metricValue = <K extends keyof typeof METRIC_QUANTITIES>(
  key: K,
): { readonly key: K; readonly title: string; readonly digits: number } => ({
  key,
  title: METRIC_QUANTITIES[key].title,
  digits: METRIC_QUANTITIES[key].digits,
});

/**
 * The name of a metric: plain only with Inception's features, as everybody takes a plain FID for
 * such a one.
 * @param key of the metric, as `fid`; one that is not known is its own name
 * @param features name of the feature network
 */
export function metricName(key: string, features: string): string {
  const { title = key, ofFeatures: needsFeatures = true } = metrics.get(key) ?? {};
  const other = needsFeatures ? featuresName(features) : undefined;
  return other === undefined ? title : `${title} (${other})`;
}

/** A metric as text: 17.612. */
export const metricText = (key: string, value: number): string => metricFormat(key)(value);

/** From here on a metric is a power of ten, as its digits behind the point say nothing any more. */
const LARGEST_METRIC = 1e9;

/** How a metric is written, on an axis as short as its ticks allow. */
export const metricFormat =
  (key: string): NumberFormat =>
  (value, spacing) =>
    spacing === undefined && metrics.has(key) && Math.abs(value) < LARGEST_METRIC
      ? value.toFixed(metrics.get(key)!.digits)
      : shortNumber(value, spacing);
