/** How many classes a conditional GAN is told of: as given, or as many as the data has. */

import { UserError } from "../../base/errors.ts";
import { option, settings } from "../../base/option-names.ts";
import { formatCount } from "../../base/text/format/index.ts";
import { whyNoClasses } from "../../data/advice.ts";
import { countLabeled, NO_LABEL } from "../../data/store/store.ts";
import { predictsClasses, usesClasses } from "../../objectives/settings.ts";
import { flattenConfig, parseConfig } from "./check.ts";
import type { Config } from "./schema.ts";

/** What data says of its classes; every `ImageStore` does. */
export interface ClassedData {
  readonly labels: Uint16Array | undefined;
  readonly classNames: readonly string[] | undefined;
  readonly summary: { readonly name: string; readonly noClasses?: string | undefined };
}

/**
 * The configuration with `data.classes` filled in from the data, where classes are used and their
 * number was not given. One larger than the data's is refused: the labels of generated images are
 * drawn over all classes, so that the generator would be asked for images of classes nobody shows
 * it.
 * @param begun whether the number is that of a run which was begun with it: the networks have it,
 * and it stays
 * @throws UserError when the data has no labels, fewer than two classes, or another number of them
 * than was given
 */
export function withDataClasses(config: Config, data: ClassedData, begun = false): Config {
  if (!usesClasses(config)) return config;
  const { labels, summary } = data;
  if (!labels)
    throw new UserError(
      `The GAN is conditional (generator.norm=${config.generator.norm}, discriminator.conditioning=${config.discriminator.conditioning}), but ${summary.name} has no classes${whyNoClasses(summary)}.`,
      predictsClasses(config)
        ? `Give some of the images a label, in a table metadata.csv or in a folder for each class, or use ${settings(...UNCONDITIONAL, ["objective.auxiliary", "none"])}.`
        : `Use labeled data (for example cifar10:PATH), or ${settings(...UNCONDITIONAL)}, or, where some of the images have a label, ${settings(...FEW_LABELS)}.`,
    );
  requireLabels(config, labels, summary.name);
  const found = countClasses(data);
  const given = config.data.classes;
  if (given > 0 && (given < found || (given > found && !begun)))
    throw new UserError(
      `data.classes is ${given}, but ${summary.name} has ${found} classes.`,
      given < found
        ? "Leave data.classes out: it is taken from the data."
        : "Leave data.classes out: it is taken from the data, where a folder without images is no class. " +
            `A run that was begun with this number goes on when it is named alone: train ${option("run", "RUN")}.`,
    );
  if (given > 0) return config;
  return parseConfig({ ...flattenConfig(config), "data.classes": found });
}

/** What makes a conditional GAN an unconditional one. */
const UNCONDITIONAL = [
  ["generator.norm", "batch"],
  ["discriminator.conditioning", "none"],
] as const;
/** What makes a conditional GAN one for few labels. */
const FEW_LABELS = [
  ["data.unlabeled", "keep"],
  ["discriminator.conditioning", "predicted"],
  ["objective.auxiliary", "classes:1"],
] as const;

/** @throws UserError where no image has a label, or one has none and nobody predicts it */
function requireLabels(config: Config, labels: Uint16Array, name: string): void {
  const labeled = countLabeled(labels);
  if (labeled === 0)
    throw new UserError(
      `The GAN is conditional, and none of the ${formatCount(labels.length)} images that are trained on of ${name} has a label.`,
      `Give some of them a label, use another part of the data (data.split is ${config.data.split}), or use ${settings(...UNCONDITIONAL, ["objective.auxiliary", "none"])}.`,
    );
  if (labeled < labels.length && !predictsClasses(config))
    throw new UserError(
      `discriminator.conditioning is ${config.discriminator.conditioning}, which needs the class of every image, and ${formatCount(labels.length - labeled)} of the ${formatCount(labels.length)} images of ${name} have no label.`,
      `Use ${settings(...FEW_LABELS.slice(1))}, or give every image a label.`,
    );
}

/**
 * What is to be said of data of which every image has a label, in a GAN that predicts labels.
 * @returns undefined where some have none, and for another GAN
 */
export function everyLabelGiven(config: Config, { labels, summary }: ClassedData): string | undefined {
  if (!predictsClasses(config) || !labels || countLabeled(labels) < labels.length) return undefined;
  return (
    `Every image of ${summary.name} has a label, so that discriminator.conditioning=${config.discriminator.conditioning} has nothing to predict: ` +
    "it is told what projection would be, and the class loss (objective.auxiliary) is added."
  );
}

/**
 * What is to be said of classes the networks are told and of which this part of the data has no
 * image: named in its table, or only in the other part, or more than the data has in a run begun
 * so.
 * @returns undefined where every class has images, or none is used
 */
export function missingClasses(
  config: Config,
  { labels, classNames, summary }: ClassedData,
): string | undefined {
  if (!usesClasses(config) || !labels) return undefined;
  const seen = new Set(labels);
  const numbers = Array.from({ length: config.data.classes }, (_, label) => label);
  const missing = numbers
    .filter((label) => !seen.has(label))
    .map((label) => classNames?.[label] ?? `${label}`);
  if (missing.length === 0) return undefined;
  const shown = missing.length > NAMED ? [...missing.slice(0, NAMED), "…"] : missing;
  if (predictsClasses(config))
    return (
      `${missing.length} of the ${config.data.classes} classes have no labeled image in what is trained on of ${summary.name} (${shown.join(", ")}): ` +
      "nothing teaches the discriminator to tell them, and images of them are generated all the same."
    );
  return (
    `${missing.length} of the ${config.data.classes} classes have no image in what is trained on of ${summary.name} (${shown.join(", ")}): ` +
    "images of them are generated all the same, and the discriminator never sees a real one."
  );
}

/** Classes named in a warning. */
const NAMED = 5;

function countClasses({ labels, classNames }: ClassedData): number {
  return (
    classNames?.length ??
    (labels ?? new Uint16Array()).reduce(
      (max, label) => (label === NO_LABEL ? max : Math.max(max, label)),
      0,
    ) + 1
  );
}
