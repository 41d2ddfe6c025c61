/** Sets of images as the metrics read them: in order, some at a time, from wherever they come. */

import { randomStream } from "../../base/random.ts";
import { permutation } from "../../data/store/batches.ts";
import { type ImageStore, imageBytes } from "../../data/store/store.ts";

/** Some images of a set. */
export interface ImageChunk {
  /** [count, side, side, 3], RGB, 0…255 */
  readonly pixels: Uint8Array | Float32Array;
  readonly count: number;
}

/** A set of images. */
export interface ImageSet {
  readonly count: number;
  /** In pixels. */
  readonly side: number;
  /** All of them in order, at most `size` at a time. */
  chunks(size: number): AsyncIterable<ImageChunk>;
}

/** What is needed of an `ImageStore`. */
export type ReadableStore = Pick<ImageStore, "count" | "size" | "read">;

/** The images `indices` of a store, in that order. */
export function storeImages(store: ReadableStore, indices: Uint32Array): ImageSet {
  const bytes = imageBytes(store.size);
  return {
    count: indices.length,
    side: store.size,
    async *chunks(size) {
      for (let first = 0; first < indices.length; first += size) {
        const chunk = indices.subarray(first, first + size);
        const pixels = new Uint8Array(chunk.length * bytes);
        chunk.forEach((index, i) => {
          store.read(index, pixels, i * bytes);
        });
        yield { pixels, count: chunk.length };
      }
    },
  };
}

/**
 * `taken` of `count` images, always the same ones, in random order: data sets are often sorted, and
 * some estimates take consecutive images.
 */
export function chosenImages(count: number, taken: number): Uint32Array {
  return permutation(count, randomStream(0, "images for metrics")).slice(0, taken);
}
