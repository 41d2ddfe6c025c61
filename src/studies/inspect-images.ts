/**
 * Many images through the discriminator, a batch after the other, so that memory does not grow with
 * their number.
 */
import { imageBytes } from "../data/store/store.ts";
import type { Executable, TensorMap } from "../engine/engine.ts";

/** Images to look at, by number: an `ImageStore`, as far as it is used here. */
export interface InspectableImages {
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
  readonly labels?: Uint16Array | undefined;
  read(index: number, out: Uint8Array, offset: number): void;
}

/** What was found out about some images. */
export interface InspectedBatch {
  /** Place of the first in the list of images asked for, and how many there are. */
  readonly first: number;
  readonly count: number;
  /**
   * As the program gives them, always of a whole batch: what lies behind `count` images means
   * nothing.
   */
  readonly results: TensorMap;
}

/**
 * Run a program of `discriminatorProgram` over images. While a batch is computed the next one is
 * read.
 * @param indices which images, in the order in which they are wanted
 */
export async function* inspectInBatches(
  executable: Executable,
  images: InspectableImages,
  indices: ArrayLike<number>,
): AsyncGenerator<InspectedBatch> {
  const { feeds } = executable.program;
  const batch = feeds.find(({ name }) => name === "images")!.shape[0]!;
  const bytes = imageBytes(images.size);
  const start = (first: number): Omit<InspectedBatch, "results"> & { results: Promise<TensorMap> } => {
    const count = Math.min(batch, indices.length - first);
    const pixels = new Uint8Array(batch * bytes);
    for (let i = 0; i < count; i++) images.read(indices[first + i]!, pixels, i * bytes);
    const results = executable.run({ images: pixels });
    // Whoever stops reading leaves the one under way to itself.
    results.catch(() => undefined);
    return { first, count, results };
  };
  if (indices.length === 0) return;
  let next = start(0);
  while (true) {
    const { first, count, results } = next;
    const done = first + count >= indices.length;
    if (!done) next = start(first + count);
    yield { first, count, results: await results };
    if (done) return;
  }
}
