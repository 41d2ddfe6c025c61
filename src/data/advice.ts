/**
 * What to tell people about their images: too few, too small, many unreadable. Pure, in plain
 * words, each with advice.
 */

import { UserError } from "../base/errors.ts";
import { formatCount, formatCountOf } from "../base/text/format/index.ts";
import { printable } from "../base/text/printable.ts";
import type { Preprocessing } from "./decode/preprocessing.ts";
import type { SkippedFile, Split } from "./store/store.ts";

/** Fewer images than this are refused: one batch, and less than that cannot be told from noise. */
export const MINIMUM_IMAGES = 64;
/** Fewer images than this deserve a warning: the discriminator learns them by heart. */
export const FEW_IMAGES = 1000;

/** The facts advice is drawn from. */
export interface Usable {
  readonly used: number;
  readonly skipped: readonly SkippedFile[];
  readonly enlarged: number;
  /** Images with a black border, as they are smaller than their crop. */
  readonly padded: number;
  /** Images of whose longer side less than half is left. */
  readonly halved: number;
  /** Images on plain ground whose figure the crop has cut. */
  readonly cutFigures: number;
  readonly preprocessing: Preprocessing;
  readonly resolution: number;
  readonly split: Split;
  /** True if there are several images and all have the same pixels. */
  readonly identical: boolean;
  /** Images of each class; empty without labels. */
  readonly perClass: readonly { readonly name: string; readonly count: number }[];
}

/** Warnings, in plain words, about data that is usable but may train badly. */
export function warningsFor(usable: Usable): string[] {
  const { used, skipped, enlarged, padded, resolution, split } = usable;
  const warnings: string[] = [];
  if (usable.identical)
    warnings.push(
      `All ${images(used)} have the same pixels at ${resolution}×${resolution}: there is nothing to learn but this one picture. ` +
        "Check that they are what you meant, and that the preprocessing leaves something of them.",
    );
  // Nothing is trained on test images.
  if (used < FEW_IMAGES && split !== "test")
    warnings.push(
      `Only ${images(used)}: the discriminator can learn so few by heart, and samples stop improving. ` +
        `Add images (${formatCount(FEW_IMAGES)} or more), or train for fewer steps and watch the samples.`,
    );
  if (enlarged > 0 && enlarged >= used / 10)
    warnings.push(
      `${enlarged} of ${images(used)} are smaller than ${resolution}×${resolution} and were enlarged: ` +
        `they are blurred, and so will be the samples. A lower resolution avoids it.`,
    );
  if (padded > 0)
    warnings.push(
      `${padded} of ${images(used)} are smaller than their crop and have a black border, which samples will show. ` +
        "Use the preprocessing centre-crop, which enlarges them, or leave the small ones out.",
    );
  if (usable.halved > 0 && usable.halved >= used / 10) warnings.push(halvedWarning(usable));
  else if (usable.cutFigures > 0 && usable.cutFigures >= used / 10)
    warnings.push(
      `${usable.cutFigures} of ${images(used)} stand on plain ground and reach beyond the square that is cut out: their ends are missing. ` +
        "data.preprocessing=pad-border keeps all of them, and fills the square with the color of the border.",
    );
  const unequal = unequalClasses(usable.perClass);
  if (unequal) warnings.push(unequal);
  if (skipped.length > 0)
    warnings.push(
      `${skipped.length} of ${images(used + skipped.length)} could not be used: ${reasons(skipped)}.`,
    );
  return warnings;
}

/** What to do where a crop leaves little of the images: another crop, or none. */
function halvedWarning({ halved, used, preprocessing }: Usable): string {
  const remedy = /^(celeba-|crop-or-pad)/.test(preprocessing)
    ? "data.preprocessing=centre-crop takes the largest square instead, and pad-border or pad-white all of the image."
    : "data.preprocessing=pad-border keeps all of the image on the color of its border, pad-white on white.";
  return `The preprocessing ${preprocessing} keeps less than half of a side of ${halved} of ${images(used)}: most of what they show is not trained on. ${remedy}`;
}

/**
 * The largest class may have this many times the images of the smallest before it is worth a word.
 */
const UNEQUAL = 10;

/**
 * The warning about class sizes that differ much, if they do. Classes without images are those of
 * another part.
 */
function unequalClasses(perClass: Usable["perClass"]): string | undefined {
  const sorted = perClass.filter(({ count }) => count > 0).sort((a, b) => a.count - b.count);
  const [smallest, largest] = [sorted[0], sorted.at(-1)];
  if (!smallest || !largest || largest.count <= UNEQUAL * smallest.count) return undefined;
  const told = (one: { name: string; count: number }): string =>
    `"${printable(one.name)}" has ${images(one.count)}`;
  return (
    `The classes are of very different sizes: ${told(largest)}, ${told(smallest)}. ` +
    "Accuracies by class mean little for the small ones, and a conditional generator learns them badly. " +
    "Even the classes out, or check that these folders are classes at all."
  );
}

/** Why a set has no classes, to go behind that it has none: empty where nothing looks like some. */
export const whyNoClasses = ({ noClasses }: { readonly noClasses?: string | undefined }): string =>
  noClasses === undefined ? "" : ` (${noClasses})`;

/** The error for a data set with too few usable images. `where` names the source. */
export function tooFewImages(
  where: string,
  usable: Pick<Usable, "used" | "skipped">,
  minimum: number,
): UserError {
  const { used, skipped } = usable;
  const found = used + skipped.length;
  const detail =
    skipped.length > 0 ? ` (${found} found, ${skipped.length} skipped: ${reasons(skipped)})` : "";
  return new UserError(
    `${where}: ${used === 0 ? "no usable image" : `only ${used} usable ${used === 1 ? "image" : "images"}`}${detail}.`,
    `At least ${minimum} images are needed, and ${formatCount(FEW_IMAGES)} or more to train well.`,
  );
}

/** How many reasons are told, and how many files of each are named. */
const TOLD = { reasons: 5, names: 3 };

/** Reasons for skipping with the names of files, commonest first: all of a few, some of many. */
export function reasons(skipped: readonly SkippedFile[]): string {
  const groups = new Map<string, string[]>();
  for (const { path, reason } of skipped) {
    const group = groups.get(reason);
    if (group) group.push(path);
    else groups.set(reason, [path]);
  }
  const sorted = [...groups].sort(([, a], [, b]) => b.length - a.length);
  const told = sorted.slice(0, TOLD.reasons).map(([reason, paths]) => {
    const names = paths.slice(0, TOLD.names).map(printable);
    if (paths.length > names.length) names.push(`${paths.length - names.length} more`);
    return `${reason} (${names.join(", ")})`;
  });
  const rest = sorted.slice(TOLD.reasons).reduce((sum, [, paths]) => sum + paths.length, 0);
  return (rest > 0 ? [...told, `${rest} for other reasons`] : told).join("; ");
}

const images = (n: number): string => formatCountOf(n, "image");
