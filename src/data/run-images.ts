/**
 * Images that a run carries in its own folder, cropped and resized already: `images/0000000.png` …
 * and, where they have classes, `images/labels.json`. How a run from a browser, or one bundled for
 * it, brings its data along (training/run/folder/archive.ts).
 */
import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { MAXIMUM_LABEL, NO_LABEL } from "./store/store.ts";

/** The folder in the run, and how its configuration names it: `data.source: run:images`. */
export const RUN_IMAGES = "images";
export const RUN_SOURCE = `run:${RUN_IMAGES}`;
/** Classes of the images, where they have any. */
export const LABELS = "labels.json";
/** What to do about a run whose files are damaged. */
export const TAKE_AGAIN = "Take the file that the run came in again.";

const labelsSchema = z.strictObject({
  /** Of each image, in the order of their names; null for one without. */
  labels: z.array(z.int().min(0).max(MAXIMUM_LABEL).nullable()),
  classNames: z.array(z.string()),
});

/** What `labels.json` says. */
export interface RunLabels {
  /** `NO_LABEL` for an image without one. */
  readonly labels: Uint16Array;
  readonly classNames: readonly string[];
}

/** Write `labels.json`. */
export const writeLabels = (labels: Uint16Array, classNames: readonly string[]): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({ labels: Array.from(labels, (one) => (one === NO_LABEL ? null : one)), classNames }),
  );

/**
 * Read `labels.json`.
 * @param count of images @throws UserError when it is damaged or of other images
 */
export function readLabels(bytes: Uint8Array, count: number): RunLabels {
  const damaged = (what: string): UserError => new UserError(`${RUN_IMAGES}/${LABELS} ${what}.`, TAKE_AGAIN);
  let parsed: z.infer<typeof labelsSchema>;
  try {
    parsed = labelsSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw damaged("is damaged");
  }
  const { labels, classNames } = parsed;
  if (labels.length !== count) throw damaged(`has ${labels.length} labels for ${count} images`);
  if (labels.some((label) => label !== null && label >= classNames.length))
    throw damaged("has a label that is not one of its classes");
  return { labels: Uint16Array.from(labels, (label) => label ?? NO_LABEL), classNames };
}
