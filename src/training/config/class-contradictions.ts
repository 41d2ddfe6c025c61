/**
 * Combinations of values about classes that cannot mean anything: of conditional GANs, and of those
 * that predict the classes of images without a label.
 */
import { UserError } from "../../base/errors.ts";
import { setting, settings } from "../../base/option-names.ts";
import { auxiliaryTerms } from "../../objectives/auxiliary/list.ts";
import { predictsClasses, usesClasses } from "../../objectives/settings.ts";
import type { Config } from "./schema.ts";

/** Refuses what contradicts itself. @throws UserError for the first contradiction found */
export function refuseClassContradictions(config: Config): void {
  checkConditioning(config);
  checkFewLabels(config);
}

function checkConditioning(config: Config): void {
  const { generator, discriminator, data } = config;
  const [told, conditioning] = [
    usesClasses({ generator, discriminator: { conditioning: "none" } }),
    discriminator.conditioning,
  ];
  if (told && conditioning === "none")
    throw new UserError(
      "generator.norm is conditional but discriminator.conditioning is none: nobody would see to it that an image is of its class.",
      `Add ${setting("discriminator.conditioning", "projection")}, or use ${setting("generator.norm", "batch")}.`,
    );
  if (!told && conditioning !== "none")
    throw new UserError(
      `discriminator.conditioning is ${conditioning} but generator.norm is ${generator.norm}: the generator would not know the class it is judged by.`,
      `Add ${setting("generator.norm", "conditional")}, or use ${
        predictsClasses(config)
          ? settings(
              ["discriminator.conditioning", "none"],
              ["objective.auxiliary", withoutClasses(config.objective.auxiliary)],
            )
          : setting("discriminator.conditioning", "none")
      }.`,
    );
  if (told && data.classes === 1)
    throw new UserError(
      "data.classes is 1, and a conditional GAN of one class is an unconditional one.",
      `Use ${settings(["generator.norm", "batch"], ["discriminator.conditioning", "none"])}, or data with more classes.`,
    );
}

/** What belongs together where the discriminator predicts the classes of images without a label. */
function checkFewLabels(config: Config): void {
  const { data, discriminator, objective, training } = config;
  const learns = auxiliaryTerms(objective.auxiliary).some(({ name }) => name === "classes");
  if (!predictsClasses(config)) {
    if (learns)
      throw new UserError(
        `objective.auxiliary has classes, and under discriminator.conditioning ${discriminator.conditioning} the discriminator has no head that predicts them.`,
        `Add ${setting("discriminator.conditioning", "predicted")}, or leave classes out of objective.auxiliary.`,
      );
    return;
  }
  const given = `discriminator.conditioning is ${discriminator.conditioning}`;
  if (!learns)
    throw new UserError(
      `${given}, and nothing teaches the head that predicts classes: objective.auxiliary has no classes.`,
      `Add ${setting("objective.auxiliary", [objective.auxiliary, "classes:1"].filter((one) => one !== "none").join(","))}, or use ${setting("discriminator.conditioning", "projection")}.`,
    );
  if (data.unlabeled === "exclude")
    throw new UserError(
      `${given}, which predicts the classes of images without a label, and data.unlabeled is exclude, which leaves these out.`,
      `Add ${setting("data.unlabeled", "keep")}, or use ${settings(["discriminator.conditioning", "projection"], ["objective.auxiliary", withoutClasses(objective.auxiliary)])}.`,
    );
  if (training.adaptive === "apa")
    throw new UserError(
      `${given}, and training.adaptive is apa, which shows generated images as real ones: classes they were drawn for would be learned as labels.`,
      `Use ${setting("training.adaptive", "ada")}, or ${setting("training.adaptive", "none")}.`,
    );
}

/** A list of auxiliary losses without the one of classes. */
const withoutClasses = (list: string): string =>
  list
    .split(",")
    .filter((part) => part.split(":")[0]!.trim() !== "classes")
    .join(",") || "none";
