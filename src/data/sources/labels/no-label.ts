/** What stands in the place of a label where there is none. Pure: works on cells and names. */

import { formatCount, formatCountOf } from "../../../base/text/format/index.ts";
import { countLabeled } from "../../store/store.ts";

/** Names of folders, and words in tables, for images without a label; in any case. */
const WORDS = ["unlabeled", "unlabelled"];

/**
 * Whether a cell, or the name of a class folder, says that an image has no label: an empty one, −1
 * as data sets write it where labels are kept secret, or the word `unlabeled`.
 */
export function isNoLabel(value: unknown): boolean {
  if (value === undefined || value === null || value === -1) return true;
  return typeof value === "string" && ["", "-1", ...WORDS].includes(value.trim().toLowerCase());
}

/** How many images have a label, where not all have one. */
export function labeledNote(labels: readonly number[] | undefined): string[] {
  const labeled = countLabeled(labels ?? []);
  if (!labels || labeled === labels.length) return [];
  return [`${formatCount(labeled)} of ${formatCountOf(labels.length, "image")} have a label.`];
}
