/**
 * Batches from stores that are read from a disk: some are read ahead while the updates before them
 * are computed, so that the step waits for the disk only when the disk is slower than the step.
 * Which images a batch is made of is settled by `batchOrder` before anything is read; reading ahead
 * changes when images are read and nothing else.
 */
import {
  type Batch,
  type BatchIterator,
  type BatchSource,
  type BatchState,
  batches,
  batchOrder,
  labelsOf,
} from "./batches.ts";
import { imageBytes } from "./store.ts";

/**
 * Batches read before they are asked for: the five discriminator updates of a step of the paper's,
 * and one more.
 */
export const READ_AHEAD = 6;

/** Batches that may have to be waited for. */
export interface BatchSupply {
  next(): Batch | Promise<Batch>;
  /**
   * The position behind the last batch that was asked for; what has been read ahead does not count.
   */
  save(): BatchState;
  /** Ends the reading. When it returns, the store may be closed. */
  close(): Promise<void>;
}

/**
 * The batches of `batches`, read ahead if the store is one that is read from a disk.
 * @throws RangeError as `batches`
 */
export function supplyBatches(store: BatchSource, batchSize: number, from: number | BatchState): BatchSupply {
  if (store.readMany) return readAhead(store, store.readMany, batchSize, from);
  const iterator: BatchIterator = batches(store, batchSize, from);
  return { ...iterator, close: async () => undefined };
}

interface Ahead {
  readonly batch: Promise<Batch>;
  /** The position behind it. */
  readonly after: BatchState;
}

function readAhead(
  store: BatchSource,
  readMany: NonNullable<BatchSource["readMany"]>,
  batchSize: number,
  from: number | BatchState,
): BatchSupply {
  const order = batchOrder(store.count, batchSize, from);
  const bytes = imageBytes(store.size);
  const queue: Ahead[] = [];
  let position = order.save();
  let closed = false;
  // One batch after another, so that the one needed next is there first.
  let last: Promise<unknown> = Promise.resolve();

  const read = async (indices: Uint32Array, before: Promise<unknown>): Promise<Batch> => {
    await before;
    if (closed) throw new Error("the supply of batches is closed");
    const images = new Uint8Array(indices.length * bytes);
    await readMany(indices, images);
    return { images, labels: labelsOf(store, indices), indices };
  };
  const fill = (): void => {
    while (queue.length < READ_AHEAD && !closed) {
      const batch = read(order.next(), last);
      // What fails ahead of its time is told to whoever asks for that batch, and no later one is read.
      batch.catch(() => undefined);
      last = batch;
      queue.push({ batch, after: order.save() });
    }
  };

  return {
    async next() {
      if (closed) throw new Error("the supply of batches is closed");
      fill();
      const { batch, after } = queue.shift()!;
      position = after;
      fill();
      return batch;
    },
    save: () => position,
    async close() {
      closed = true;
      await last.catch(() => undefined);
      queue.length = 0;
    },
  };
}
