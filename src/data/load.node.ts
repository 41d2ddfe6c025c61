/** Loads the images of a listing: several at a time, given in their order. */
import { availableParallelism } from "node:os";
import type { Square } from "./decode/preprocessing.ts";
import { type Listing, type LoadedImage, UnusableImage } from "./sources/source.ts";

/** An image of a listing, or why it cannot be used. */
export interface Loaded {
  readonly index: number;
  readonly image: LoadedImage | UnusableImage;
}

/**
 * All images of `listing`, made square. At most twice as many as there are processors are held at
 * once, however slow the reader is; when it stops early, what is under way is waited for.
 * @throws the signal's reason when it aborts; what `Listing.load` throws other than `UnusableImage`
 */
export async function* loadInOrder(
  listing: Listing,
  square: Square,
  signal?: AbortSignal,
): AsyncGenerator<Loaded, void, undefined> {
  const window = new Map<number, Promise<LoadedImage | UnusableImage>>();
  const ahead = 2 * availableParallelism();
  let started = 0;
  try {
    for (let index = 0; index < listing.paths.length; index++) {
      signal?.throwIfAborted();
      for (; started < Math.min(index + ahead, listing.paths.length); started++) {
        const loading = loadOrReason(listing, started, square);
        // Awaited in order: a failure further on must not count as unhandled meanwhile.
        loading.catch(() => undefined);
        window.set(started, loading);
      }
      const image = await window.get(index)!;
      window.delete(index);
      yield { index, image };
    }
  } finally {
    await Promise.allSettled(window.values());
  }
}

async function loadOrReason(
  listing: Listing,
  index: number,
  square: Square,
): Promise<LoadedImage | UnusableImage> {
  try {
    return await listing.load(index, square);
  } catch (error) {
    if (error instanceof UnusableImage) return error;
    throw error;
  }
}
