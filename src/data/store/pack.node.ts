/**
 * Decodes the images of a listing into a packed file, several at a time, in their order.
 */
import { UserError } from "../../base/errors.ts";
import { tooFewImages, warningsFor } from "../advice.ts";
import type { Square } from "../decode/preprocessing.ts";
import { loadInOrder } from "../load.node.ts";
import { type Listing, UnusableImage } from "../sources/source.ts";
import { compare } from "../walk.node.ts";
import { createPack } from "./pack-file.node.ts";
import { startPackStatistics } from "./pack-statistics.ts";
import { NO_LABEL, type SkippedFile, type Split } from "./store.ts";

/** How packing is getting on. */
export interface PackProgress {
  readonly phase: "listing" | "packing";
  /** Images dealt with. */
  readonly done: number;
  /** Images altogether; 0 while listing. */
  readonly total: number;
  readonly skipped: number;
}

/** What to make of the images. */
export interface PackRequest {
  readonly square: Square;
  readonly split: Split;
  readonly minimumImages: number;
  readonly onProgress?: ((progress: PackProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Packs `listing` into a file at `path`. Unusable images are left out and listed in the summary.
 * @throws UserError if fewer than `minimumImages` are usable or a label is not one of the classes;
 * the signal's reason if it aborts. Nothing is left behind.
 */
export async function packListing(listing: Listing, request: PackRequest, path: string): Promise<void> {
  const { square, onProgress, signal } = request;
  const resolution = square.size;
  const total = listing.paths.length + listing.skipped.length;
  const skipped: SkippedFile[] = [...listing.skipped];
  const statistics = startPackStatistics(square, listing.classNames);
  const writer = await createPack(path, resolution);
  try {
    for await (const { index, image } of loadInOrder(listing, square, signal)) {
      if (image instanceof UnusableImage) {
        skipped.push({ path: listing.paths[index]!, reason: image.message });
      } else {
        const label = labelOf(listing, index);
        await writer.add(image.pixels, label);
        statistics.add(image, label);
      }
      onProgress?.({ phase: "packing", done: writer.count + skipped.length, total, skipped: skipped.length });
    }
    const used = writer.count;
    if (used < request.minimumImages)
      throw tooFewImages(listing.source, { used, skipped }, request.minimumImages);
    const counts = statistics.counts();
    skipped.sort((a, b) => compare(a.path, b.path));
    await writer.finish({
      size: resolution,
      ...(listing.classNames ? { classNames: [...listing.classNames] } : {}),
      summary: {
        source: listing.source,
        name: listing.name,
        split: request.split,
        preprocessing: square.preprocessing,
        resize: square.resize,
        resolution,
        found: total,
        used,
        skipped,
        width: statistics.width,
        height: statistics.height,
        enlarged: counts.enlarged,
        classes: listing.classNames?.length ?? 0,
        ...(listing.noClasses === undefined ? {} : { noClasses: listing.noClasses }),
        notes: [...listing.notes],
        warnings: [
          ...listing.warnings,
          ...warningsFor({
            ...counts,
            used,
            skipped,
            resolution,
            preprocessing: square.preprocessing,
            split: request.split,
          }),
        ],
        fromCache: false,
      },
    });
  } finally {
    // Does nothing after a successful `finish`: the file has its final name by then.
    await writer.discard();
  }
}

/**
 * The class of image `index`, `NO_LABEL` for none, or undefined without classes.
 * @throws UserError if it is not one of them
 */
function labelOf(listing: Listing, index: number): number | undefined {
  if (!listing.classNames) return undefined;
  const label = listing.label(index);
  const classes = listing.classNames.length;
  if (label === NO_LABEL || (Number.isInteger(label) && label >= 0 && label < classes)) return label;
  throw new UserError(
    `${listing.source}: ${listing.paths[index]} has the label ${label}, but there are ${classes} classes, 0 to ${classes - 1}.`,
    "The file is damaged, of another data set, or its class names are incomplete.",
  );
}
