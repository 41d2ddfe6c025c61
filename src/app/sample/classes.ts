/** Which class each image of `sample` is of, for a conditional generator. */
import { nearest, UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { randomStream } from "../../base/random.ts";
import { drawLabels, gridLabels } from "../../training/sampling/samples.ts";
import type { LoadedGenerator } from "../support/load-generator.ts";
import type { SampleRequest } from "./options.ts";

/** Names listed in an error message. */
const LISTED = 20;

type Classes = Pick<LoadedGenerator, "classNames"> & {
  readonly config: { readonly data: { readonly classes: number } };
};

/**
 * Classes of the images asked for, int64 [count]: the one named, a row for each in a grid, or drawn
 * uniformly by the seed.
 * @returns undefined for a generator without classes
 * @throws UserError when a class is asked for that does not exist, or of a generator without
 * classes
 */
export function sampleLabels(
  generator: Classes,
  { class: className, byClass, count, seed }: Pick<SampleRequest, "class" | "byClass" | "count" | "seed">,
): BigInt64Array | undefined {
  const { classes } = generator.config.data;
  if (className !== undefined)
    return new BigInt64Array(count).fill(BigInt(classNumber(generator, className)));
  if (classes === 0) return undefined;
  const stream = randomStream(seed, "sample command: classes");
  return byClass ? gridLabels(stream, classes) : drawLabels(stream, count, classes);
}

/** The number of a class given by name (case does not matter) or number. */
function classNumber({ config, classNames = [] }: Classes, wanted: string): number {
  const { classes } = config.data;
  if (classes === 0)
    throw new UserError(
      `${option("class", wanted)}: this generator was trained without classes.`,
      `Leave ${option("class")} out, or train a conditional GAN: generator.norm=conditional, discriminator.conditioning=projection.`,
    );
  const named = classNames.findIndex((name) => name.toLowerCase() === wanted.toLowerCase());
  if (named >= 0) return named;
  const number = /^\d+$/.test(wanted) ? Number(wanted) : Number.NaN;
  if (number < classes) return number;
  const near = nearest(wanted, classNames);
  const names = classNames.slice(0, LISTED).join(", ");
  throw new UserError(
    `${option("class", wanted)}: there is no such class.`,
    [
      near && `Did you mean "${near}"?`,
      `There are ${classes}, numbered from 0${names && `: ${names}`}${classNames.length > LISTED ? ", …" : "."}`,
    ]
      .filter(Boolean)
      .join(" "),
  );
}

/** What the classes of a result are, in a few words; empty for a generator without classes. */
export function describeClasses(
  generator: Classes,
  request: Pick<SampleRequest, "class" | "byClass">,
): string {
  const { classes } = generator.config.data;
  if (classes === 0) return "";
  if (request.class !== undefined) {
    const number = classNumber(generator, request.class);
    return `class ${generator.classNames?.[number] ?? number}`;
  }
  return request.byClass && classes <= LISTED ? "classes in rows" : "classes drawn at random";
}
