/**
 * What to tell people about their images: too few, too small, many unreadable. Pure, in plain words, each with advice.
 */
import { UserError } from "../base/errors.ts";
import type { SkippedFile, Split } from "./store.ts";

/** Fewer images than this are refused: one batch, and less than that cannot be told from noise. */
export const MINIMUM_IMAGES = 64;
/** Fewer images than this deserve a warning: the discriminator learns them by heart. */
export const FEW_IMAGES = 1000;

/** The facts advice is drawn from. */
export interface Usable {
  readonly used: number;
  readonly skipped: readonly SkippedFile[];
  readonly enlarged: number;
  readonly resolution: number;
  readonly split: Split;
}

/** Warnings, in plain words, about data that is usable but may train badly. */
export function warningsFor({ used, skipped, enlarged, resolution, split }: Usable): string[] {
  const warnings: string[] = [];
  // Nothing is trained on test images.
  if (used < FEW_IMAGES && split !== "test")
    warnings.push(
      `Only ${images(used)}: the discriminator can learn so few by heart, and samples stop improving. ` +
        `Add images (${FEW_IMAGES.toLocaleString("en")} or more), or train for fewer steps and watch the samples.`,
    );
  if (enlarged > 0 && enlarged >= used / 10)
    warnings.push(
      `${enlarged} of ${images(used)} are smaller than ${resolution}×${resolution} and were enlarged: ` +
        `they are blurred, and so will be the samples. A lower resolution avoids it.`,
    );
  if (skipped.length > 0)
    warnings.push(
      `${skipped.length} of ${images(used + skipped.length)} could not be used: ${reasons(skipped)}.`,
    );
  return warnings;
}

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
    `At least ${minimum} images are needed, and ${FEW_IMAGES.toLocaleString("en")} or more to train well.`,
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

/** A path as it can be printed: line breaks and terminal controls, which a file name may hold, are written out. */
export function printable(path: string): string {
  return path.replace(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function images(n: number): string {
  return `${n.toLocaleString("en")} ${n === 1 ? "image" : "images"}`;
}
