/**
 * Decodes the images of a listing into a packed file, several at a time, in their order.
 */
import { tooFewImages, warningsFor } from "./advice.ts";
import { loadInOrder } from "./load.node.ts";
import { createPack } from "./pack-file.node.ts";
import { type Listing, UnusableImage } from "./sources/source.ts";
import type { Preprocessing, Range, SkippedFile, Split } from "./store.ts";
import { compare } from "./walk.node.ts";

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
  readonly resolution: number;
  readonly split: Split;
  readonly preprocessing: Preprocessing;
  readonly minimumImages: number;
  readonly onProgress?: ((progress: PackProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Packs `listing` into a file at `path`. Unusable images are left out and listed in the summary.
 * @throws UserError if fewer than `minimumImages` are usable; the signal's reason if it aborts. Nothing is left behind.
 */
export async function packListing(listing: Listing, request: PackRequest, path: string): Promise<void> {
  const { resolution, onProgress, signal } = request;
  const total = listing.paths.length + listing.skipped.length;
  const skipped: SkippedFile[] = [...listing.skipped];
  const width = emptyRange();
  const height = emptyRange();
  let enlarged = 0;
  const writer = await createPack(path, resolution);
  try {
    for await (const { index, image } of loadInOrder(listing, resolution, signal)) {
      if (image instanceof UnusableImage) {
        skipped.push({ path: listing.paths[index]!, reason: image.message });
      } else {
        await writer.add(image.pixels, listing.classNames ? listing.label(index) : undefined);
        widen(width, image.width);
        widen(height, image.height);
        if (Math.min(image.width, image.height) < resolution) enlarged++;
      }
      onProgress?.({ phase: "packing", done: writer.count + skipped.length, total, skipped: skipped.length });
    }
    const used = writer.count;
    if (used < request.minimumImages)
      throw tooFewImages(listing.source, { used, skipped }, request.minimumImages);
    skipped.sort((a, b) => compare(a.path, b.path));
    await writer.finish({
      size: resolution,
      ...(listing.classNames ? { classNames: [...listing.classNames] } : {}),
      summary: {
        source: listing.source,
        name: listing.name,
        split: request.split,
        preprocessing: request.preprocessing,
        resolution,
        found: total,
        used,
        skipped,
        width,
        height,
        enlarged,
        classes: listing.classNames?.length ?? 0,
        notes: [...listing.notes],
        warnings: [
          ...listing.warnings,
          ...warningsFor({ used, skipped, enlarged, resolution, split: request.split }),
        ],
        fromCache: false,
      },
    });
  } finally {
    // Does nothing after a successful `finish`: the file has its final name by then.
    await writer.discard();
  }
}

type MutableRange = { -readonly [K in keyof Range]: Range[K] };

function emptyRange(): MutableRange {
  return { min: Number.POSITIVE_INFINITY, max: 0 };
}

function widen(range: MutableRange, value: number): void {
  range.min = Math.min(range.min, value);
  range.max = Math.max(range.max, value);
}
