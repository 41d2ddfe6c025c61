/**
 * Endless shuffled batches. Every epoch is a fresh seeded permutation (Fisher–Yates), so each image
 * is seen exactly once an epoch; a batch that reaches the end of an epoch is filled from the next
 * one, so no image is dropped and all batches are full. The position is a few numbers: the random
 * state the epoch's permutation was drawn from, and how far it has been used. Continuing from them
 * gives the same batches as never having stopped.
 */

import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { type RandomState, type RandomStream, randomStream, restoreStream } from "../../base/random.ts";
import { type ImageStore, imageBytes } from "./store.ts";

/** Real images of one update, in the order they were drawn. */
export interface Batch {
  /** [N, S, S, 3], values 0–255; a new array each time, the receiver may keep or transfer it. */
  readonly images: Uint8Array;
  /** [N], if the data has labels. */
  readonly labels: Uint16Array | undefined;
  /** [N], which image of the store each one is. */
  readonly indices: Uint32Array;
}

/** Exactly where in the data a run is; JSON-able, goes into checkpoints. */
export interface BatchState {
  /** Images in the data set; a check that the state belongs to it. */
  readonly count: number;
  /** Completed passes over the data. */
  readonly epoch: number;
  /** Images of the present epoch already used, 0 … count. */
  readonly position: number;
  /** The random stream just before the present epoch was shuffled. */
  readonly random: RandomState;
}

/** An endless supply of batches. */
export interface BatchIterator {
  next(): Batch;
  save(): BatchState;
}

/** What batches are drawn from; every `ImageStore` is one. */
export type BatchSource = Pick<ImageStore, "count" | "size" | "labels" | "read" | "readMany">;

/** Which images each batch is made of, without reading them. */
export interface BatchOrder {
  /** [N], indices into the data. */
  next(): Uint32Array;
  save(): BatchState;
}

/**
 * Batches of `batchSize` images of `store`, starting at a seed or exactly where `save()` was
 * called. The batch size may differ from the saved one: the position counts images.
 * @param from a seed for a new run, or a saved state
 * @throws RangeError if there is nothing to draw from; UserError if the state belongs to a data set
 * of another size
 */
export function batches(store: BatchSource, batchSize: number, from: number | BatchState): BatchIterator {
  const order = batchOrder(store.count, batchSize, from);
  const bytes = imageBytes(store.size);
  return {
    next() {
      const indices = order.next();
      const images = new Uint8Array(batchSize * bytes);
      indices.forEach((index, i) => {
        store.read(index, images, i * bytes);
      });
      return { images, labels: labelsOf(store, indices), indices };
    },
    save: order.save,
  };
}

/** The order of `batches`, for `count` images. @throws as `batches` */
export function batchOrder(count: number, batchSize: number, from: number | BatchState): BatchOrder {
  if (count < 1) throw new RangeError("no images to draw batches from");
  if (!Number.isInteger(batchSize) || batchSize < 1) throw new RangeError(`batch size ${batchSize}`);
  if (typeof from !== "number") checkState(from, count);

  const stream = typeof from === "number" ? randomStream(from, "data order") : restoreStream(from.random);
  let epoch = typeof from === "number" ? 0 : from.epoch;
  let position = typeof from === "number" ? 0 : from.position;
  let before = stream.save();
  let order = permutation(count, stream);

  const nextIndex = (): number => {
    if (position === count) {
      epoch++;
      position = 0;
      before = stream.save();
      order = permutation(count, stream);
    }
    return order[position++]!;
  };
  return {
    next: () => Uint32Array.from({ length: batchSize }, nextIndex),
    save: () => ({ count, epoch, position, random: before }),
  };
}

/** The labels of a batch, if the data has any. */
export function labelsOf({ labels }: BatchSource, indices: Uint32Array): Uint16Array | undefined {
  return labels && Uint16Array.from(indices, (index) => labels[index]!);
}

/** A uniformly random order of 0 … count − 1 (Fisher–Yates, Durstenfeld's form). */
export function permutation(count: number, stream: RandomStream): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    const swap = order[i]!;
    order[i] = order[j]!;
    order[j] = swap;
  }
  return order;
}

/** Which images `drawRandomImages` takes. */
export const randomImages = (store: BatchSource, count: number, seed: number): Uint32Array =>
  permutation(store.count, randomStream(seed, "preview")).subarray(0, count);

/**
 * `count` different images ([count, S, S, 3], 0–255) for previews and reference grids; fewer if
 * there are fewer.
 */
export function drawRandomImages(store: BatchSource, count: number, seed: number): Uint8Array {
  const indices = randomImages(store, count, seed);
  const bytes = imageBytes(store.size);
  const images = new Uint8Array(indices.length * bytes);
  indices.forEach((index, i) => {
    store.read(index, images, i * bytes);
  });
  return images;
}

function checkState(state: BatchState, count: number): void {
  const hint = `Go on from an earlier checkpoint, or start a new run (${option("mode", "new")}).`;
  if (state.count !== count)
    throw new UserError(
      `The checkpoint's place in the data is one among ${state.count} images, and there are ${count}.`,
      hint,
    );
  if (!Number.isInteger(state.position) || state.position < 0 || state.position > count)
    throw new UserError(
      `The checkpoint's place in the data is ${state.position}, and there are ${count} images.`,
      hint,
    );
}
