/**
 * Every number of a training that people read: its name, its unit, what it is taken over, how it is
 * written. Terminal, studio, playground, report and model card take them from here, so the same
 * quantity is the same number under the same name everywhere. docs/metrics.md shows the table.
 */

import { mean } from "./math/statistics.ts";
import { formatCount, type NumberFormat, percent, settingNumber, shortNumber } from "./text/format/index.ts";

/** Steps over which what is measured at every step is averaged: one step alone is mostly chance. */
export const RECENT_STEPS = 100;

/** What a number is taken over, in words. */
export const WINDOWS = {
  recent: `mean of the last ${RECENT_STEPS} steps`,
  inForce: "in force at the last step",
  newest: "the newest grid of samples",
  measurement: "one measurement",
} as const;

/** A number people read. */
export interface Quantity {
  readonly name: string;
  /** Where there is no room for the name, as in the status line and beside a curve. */
  readonly short: string;
  readonly unit: string;
  readonly window: keyof typeof WINDOWS;
  readonly format: NumberFormat;
  /** What it says, in one sentence. */
  readonly what: string;
  /**
   * Where a line of the record has it: a number of a network, or one of the line. A name that
   * begins with `*` is that of a pretext task, which puts its own before: `*AccuracyReal` is
   * `rotationAccuracyReal` and others.
   */
  readonly of?: readonly [network: "discriminator" | "generator" | "step", name: string];
}

const quantity = <T extends Quantity>(one: T): T => one;
const share = { unit: "%", format: percent } as const;
const number = { unit: "", format: shortNumber } as const;
const setting = { unit: "", format: settingNumber } as const;

/** All of them but the metrics, which have their names from `metricName`. */
export const QUANTITIES = {
  taskAccuracyReal: quantity({
    ...{ name: "Task accuracy (real)", short: "real images", ...share, window: "recent" },
    what: "How often the discriminator is right in the pretext task, whose name stands for “task”: under “Rotation accuracy”, how often it tells by which quarter turn a real image was rotated; guessing gives 25%.",
    of: ["discriminator", "*AccuracyReal"],
  }),
  taskAccuracyGenerated: quantity({
    ...{ name: "Task accuracy (generated)", short: "generated images", ...share, window: "recent" },
    what: "The same for generated images.",
    of: ["generator", "*AccuracyFake"],
  }),
  real: quantity({
    ...{ name: "D(real)", short: "D(real)", ...share, window: "recent" },
    what: "How real the discriminator takes real images to be: the mean sigmoid of its score.",
    of: ["discriminator", "real"],
  }),
  generated: quantity({
    ...{ name: "D(generated)", short: "D(generated)", ...share, window: "recent" },
    what: "The same for generated images.",
    of: ["discriminator", "fake"],
  }),
  discriminatorLoss: quantity({
    ...{ name: "Loss (discriminator)", short: "discriminator", ...number, window: "recent" },
    what: "What the discriminator makes small, pretext task, penalty and auxiliary losses included.",
    of: ["discriminator", "loss"],
  }),
  generatorLoss: quantity({
    ...{ name: "Loss (generator)", short: "generator", ...number, window: "recent" },
    what: "What the generator makes small, pretext task and auxiliary losses included.",
    of: ["generator", "loss"],
  }),
  taskLossReal: quantity({
    ...{ name: "Task loss (real)", short: "real images", ...number, window: "recent" },
    what: "Loss of the pretext task on real images, before its weight; of rotation the cross-entropy, for which guessing gives 1.39.",
    of: ["discriminator", "*LossReal"],
  }),
  taskLossGenerated: quantity({
    ...{ name: "Task loss (generated)", short: "generated images", ...number, window: "recent" },
    what: "The same for generated images.",
    of: ["generator", "*LossFake"],
  }),
  learningRate: quantity({
    ...{ name: "Learning rate", short: "generator", ...setting, window: "inForce" },
    what: "How big a step each update takes, before Adam's bias correction.",
    of: ["step", "learningRate"],
  }),
  discriminatorLearningRate: quantity({
    ...{ name: "Learning rate (discriminator)", short: "discriminator", ...setting, window: "inForce" },
    what: "The discriminator's, where it has one of its own.",
    of: ["step", "discriminatorLearningRate"],
  }),
  augmentProbability: quantity({
    ...{ name: "Augmentation probability", short: "augmented", ...share, window: "inForce" },
    what: "With which probability an adaptive augmentation changes an image, or puts a generated one in its place.",
    of: ["discriminator", "augmentProbability"],
  }),
  speed: quantity({
    ...{ name: "Speed", short: "images/s", unit: "images/s", format: speedFormat, window: "recent" },
    what: "Real images the discriminator is shown a second, while updates are made.",
    of: ["step", "imagesPerSecond"],
  }),
  figures: quantity({
    ...{ name: "Diversity of figures", short: "figures", ...share, window: "newest" },
    what: "In how many ways the figures of the 64 samples differ, once they are of one size; 100% is as many as for real images.",
  }),
  diversity: quantity({
    ...{ name: "Diversity of pixels", short: "pixels", ...share, window: "newest" },
    what: "How different the 64 samples are from one another, pixel by pixel; 100% is as different as real images.",
  }),
  overfitting: quantity({
    ...{ name: "Overfitting", short: "held-out images", ...share, window: "newest" },
    what: "Where the discriminator's scores of held-out images lie: at 0% with training images, at 100% with generated ones, as if it knew the training images by heart (r_v).",
  }),
  trainingTakenForReal: quantity({
    ...{ name: "Training images taken for real", short: "sign of D(training)", ...share, window: "newest" },
    what: "Mean sign of the scores of training images: 100% when all are taken for real, −100% for generated (r_t).",
  }),
} as const;

export type QuantityKey = keyof typeof QUANTITIES;
/** Numbers by quantity; those that are not known are left out. */
export type QuantityValues = Readonly<Partial<Record<QuantityKey, number>>>;

/** The name of a quantity in a run, which may have a pretext task: `Rotation accuracy (real)`. */
export const quantityName = (key: QuantityKey, task?: { readonly title: string }): string =>
  task ? QUANTITIES[key].name.replace(/^Task\b/, task.title) : QUANTITIES[key].name;

/**
 * The name among `names` that a quantity has in a record, see `Quantity.of`. The adversarial losses
 * `lossReal` and `lossFake` begin with a small letter, so they are no task's.
 */
export function nameInRecord(name: string, names: readonly string[]): string | undefined {
  if (!name.startsWith("*")) return names.find((one) => one === name);
  return names.find((one) => one.endsWith(name.slice(1)) && one.length >= name.length);
}

/** The key of the pretext task that a step's line is of (`rotation`); undefined without one. */
export function taskKeyOf(step: StepNumbers): string | undefined {
  const measured = Object.keys(typeof step.discriminator === "object" ? (step.discriminator ?? {}) : {});
  const name = nameInRecord("*AccuracyReal", measured) ?? nameInRecord("*LossReal", measured);
  return name?.replace(/(Accuracy|Loss)Real$/, "");
}

/** The configured name of the auxiliary loss that a number is of: `auxiliaryLecam` → `lecam`. */
export const auxiliaryName = (name: string): string | undefined =>
  /^auxiliary([A-Z].*)$/.exec(name)?.[1]?.toLowerCase();

/** A quantity as text, with its unit: `38%`, `312 images/s`. */
export function quantityText(key: QuantityKey, value: number): string {
  const { unit, format } = QUANTITIES[key] as Quantity;
  return unit === "" || unit === "%" ? format(value) : `${format(value)} ${unit}`;
}

/** What a line of a step says, in part. */
export type StepNumbers = Readonly<Record<string, unknown>>;

/** The quantities that a step's line of the record has. */
export function quantitiesOfStep(step: StepNumbers): QuantityValues {
  const values: Partial<Record<QuantityKey, number>> = {};
  for (const [key, { of }] of Object.entries(QUANTITIES) as [QuantityKey, Quantity][]) {
    if (!of) continue;
    const owner = of[0] === "step" ? step : step[of[0]];
    if (typeof owner !== "object" || owner === null) continue;
    const name = nameInRecord(of[1], Object.keys(owner));
    const value = name === undefined ? undefined : (owner as StepNumbers)[name];
    if (typeof value === "number" && Number.isFinite(value)) values[key] = value;
  }
  return values;
}

/**
 * The quantities as they are read: of what is measured at every step the mean, of settings the
 * last.
 * @param latest quantities of the latest steps, in their order; at most the last `RECENT_STEPS`
 * count
 */
export function recentQuantities(latest: readonly QuantityValues[]): QuantityValues {
  const last = latest.slice(-RECENT_STEPS);
  const values: Partial<Record<QuantityKey, number>> = {};
  for (const [key, { window }] of Object.entries(QUANTITIES) as [QuantityKey, Quantity][]) {
    const numbers = last.flatMap((one) => one[key] ?? []);
    if (numbers.length === 0) continue;
    if (window === "inForce") values[key] = numbers.at(-1)!;
    // Images over seconds: every step shows equally many, so the times are averaged, not the speeds.
    else if (key === "speed") values[key] = 1 / mean(numbers.map((speed) => 1 / speed));
    else values[key] = mean(numbers);
  }
  return values;
}

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

/** A speed: 3.2, 312, 1,234. */
function speedFormat(value: number, spacing?: number): string {
  if (!Number.isFinite(value)) return "?";
  if (spacing !== undefined) return shortNumber(value, spacing);
  return value < 10 ? value.toFixed(1) : formatCount(value);
}
