/**
 * Every number of a training that people read: its name, its unit, what it is taken over, how it is
 * written. Terminal, studio, playground, report and model card take them from here, so the same
 * quantity is the same number under the same name everywhere. docs/metrics.md shows the table.
 */

import { mean } from "./math/statistics.ts";
import {
  formatBytes,
  formatCount,
  type NumberFormat,
  percent,
  settingNumber,
  shortNumber,
} from "./text/format/index.ts";

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
  memory: quantity({
    ...{ name: "Memory", short: "memory", unit: "", format: (bytes) => formatBytes(bytes), window: "newest" },
    what: "Memory that the training's processes hold, in the main memory of the machine.",
  }),
  processor: quantity({
    ...{ name: "Processor", short: "cores", unit: "cores", format: shortNumber, window: "newest" },
    what: "How many cores the training's processes kept busy since the grid before, on average.",
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

/** A speed: 3.2, 312, 1,234. */
function speedFormat(value: number, spacing?: number): string {
  if (!Number.isFinite(value)) return "?";
  if (spacing !== undefined) return shortNumber(value, spacing);
  return value < 10 ? value.toFixed(1) : formatCount(value);
}
