/** How many classes a conditional GAN is told of: as given, or as many as the data has. */
import { UserError } from "../../base/errors.ts";
import { usesClasses } from "../../objectives/settings.ts";
import { flattenConfig, parseConfig } from "./check.ts";
import type { Config } from "./schema.ts";

/** What data says of its classes; every `ImageStore` does. */
export interface ClassedData {
  readonly labels: Uint16Array | undefined;
  readonly classNames: readonly string[] | undefined;
  readonly summary: { readonly name: string };
}

/**
 * The configuration with `data.classes` filled in from the data, where classes are used and their number was not given.
 * @throws UserError when the data has no labels, fewer than two classes, or more than were given
 */
export function withDataClasses(config: Config, data: ClassedData): Config {
  if (!usesClasses(config)) return config;
  const { labels, classNames, summary } = data;
  if (!labels)
    throw new UserError(
      `The GAN is conditional (generator.norm=${config.generator.norm}, discriminator.conditioning=${config.discriminator.conditioning}), but ${summary.name} has no classes.`,
      "Use labelled data (for example cifar10:PATH), or --set generator.norm=batch --set discriminator.conditioning=none.",
    );
  const found = classNames?.length ?? labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  const given = config.data.classes;
  if (given > 0 && given < found)
    throw new UserError(
      `data.classes is ${given}, but ${summary.name} has ${found} classes.`,
      "Leave data.classes out: it is taken from the data.",
    );
  if (given > 0) return config;
  return parseConfig({ ...flattenConfig(config), "data.classes": found });
}
