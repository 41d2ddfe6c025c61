/** Looks at every image of a data set and says what a person should know before training on it. */

import type { Preprocessing, Resize, Square } from "../decode/preprocessing.ts";
import { loadInOrder } from "../load.node.ts";
import { requireSplit } from "../open.node.ts";
import { listInProcess } from "../reader/list-in-process.node.ts";
import { resolveSource } from "../sources/registry.node.ts";
import { UnusableImage } from "../sources/source.ts";
import type { PackProgress } from "../store/pack.node.ts";
import { NO_LABEL, type SkippedFile, type Split, type Unlabeled } from "../store/store.ts";
import type { CheckFactory, Finding } from "./check.ts";
import { classes, colors, orientation } from "./contents.ts";
import { duplicates } from "./duplicates.node.ts";
import { sizes } from "./sizes.ts";

/**
 * Every check that needs nothing but the images, in the order in which findings are told; a new one
 * is a line here.
 */
export const CHECKS: readonly CheckFactory[] = [sizes, classes, duplicates, colors, orientation];

/** What to look at. */
export interface InspectOptions {
  /** As in `openData`. */
  readonly source: string | null;
  readonly split: Split;
  /** Side of the squares that are looked at, in pixels: what will be trained on. */
  readonly resolution: number;
  /** How images become these squares; `centre-crop` and `lanczos3` unless given. */
  readonly preprocessing?: Preprocessing | undefined;
  readonly resize?: Resize | undefined;
  /** Images without a label where others have one; left out unless given. */
  readonly unlabeled?: Unlabeled | undefined;
  /** What is looked for; `CHECKS` unless given. */
  readonly checks?: readonly CheckFactory[] | undefined;
  readonly onProgress?: ((progress: PackProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was found. */
export interface Inspection {
  readonly name: string;
  readonly source: string;
  readonly split: Split;
  readonly resolution: number;
  /** Images found, usable or not. */
  readonly found: number;
  readonly used: number;
  readonly skipped: readonly SkippedFile[];
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
  /** Of the source and of every check. */
  readonly warnings: readonly string[];
}

/**
 * Inspect a data set. Every image is decoded; nothing is written.
 * @throws UserError if the source is unknown, missing or not what it should be; the signal's reason
 * when it aborts
 */
export async function inspectData(options: InspectOptions): Promise<Inspection> {
  const { split, unlabeled, resolution, signal, onProgress } = options;
  const { definition, location } = resolveSource(options.source);
  requireSplit(definition, split);
  const onFound = (done: number): void => onProgress?.({ phase: "listing", done, total: 0, skipped: 0 });
  const listing = await listInProcess(definition, { location, split, unlabeled, onFound, signal });
  try {
    const { paths, classNames } = listing;
    const { preprocessing = "centre-crop", resize = "lanczos3" } = options;
    const square: Square = { size: resolution, preprocessing, resize };
    const context = { size: resolution, count: paths.length, classNames, signal };
    const checks = (options.checks ?? CHECKS).map((begin) => begin(context));
    const skipped = [...listing.skipped];
    const found = paths.length + skipped.length;
    let used = 0;
    for await (const { index, image } of loadInOrder(listing, square, signal)) {
      const path = paths[index]!;
      if (image instanceof UnusableImage) skipped.push({ path, reason: image.message });
      else {
        const { pixels, width, height, orientation: turned } = image;
        const known = classNames && listing.label(index);
        const label = known === NO_LABEL ? undefined : known;
        for (const check of checks)
          await check.observe({ index: used, path, pixels, width, height, orientation: turned, label });
        used++;
      }
      onProgress?.({ phase: "packing", done: used + skipped.length, total: found, skipped: skipped.length });
    }
    const findings: Finding[] = [];
    for (const check of checks) {
      signal?.throwIfAborted();
      findings.push(await check.finish());
    }
    return {
      ...{ name: listing.name, source: listing.source, split, resolution, found, used, skipped },
      notes: listing.notes,
      findings,
      warnings: [...listing.warnings, ...findings.flatMap((finding) => finding.warnings)],
    };
  } finally {
    await listing.close();
  }
}
