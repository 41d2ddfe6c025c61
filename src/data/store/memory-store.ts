/**
 * An `ImageStore` over bytes that are already in memory: what small packed files are read into,
 * what a browser builds from a canvas, and what tests feed to a training loop.
 */
import { checkRead, type DataSummary, type ImageStore, imageBytes } from "./store.ts";

/** What a memory store is made of. */
export interface MemoryImages {
  /** [count, size, size, 3], values 0–255; not copied. */
  readonly images: Uint8Array;
  /** Side in pixels. */
  readonly size: number;
  /** [count] */
  readonly labels?: Uint16Array | undefined;
  readonly classNames?: readonly string[] | undefined;
  /** Identifies the data exactly; callers who resume runs must give a true content hash. */
  readonly hash: string;
  readonly summary?: DataSummary | undefined;
  /** Where the images came from, if that is a packed file. */
  readonly file?: string | undefined;
}

/**
 * A store over `images`.
 * @throws RangeError if the bytes are not a whole number of images or the labels are not one an
 * image
 */
export function memoryStore(from: MemoryImages): ImageStore {
  const { size, labels, classNames, hash } = from;
  const bytes = imageBytes(size);
  const count = from.images.length / bytes;
  if (!Number.isInteger(count))
    throw new RangeError(`${from.images.length} bytes are not whole images of ${bytes}`);
  if (labels && labels.length !== count) throw new RangeError(`${labels.length} labels for ${count} images`);
  let images: Uint8Array | undefined = from.images;
  const shape = { count, size };
  return {
    count,
    size,
    channels: 3,
    labels,
    classNames,
    hash,
    summary: from.summary ?? plainSummary(count, size, classNames?.length ?? 0),
    file: from.file,
    read(index, out, offset) {
      if (!images) throw new Error("the image store is closed");
      checkRead(shape, index, out, offset);
      out.set(images.subarray(index * bytes, (index + 1) * bytes), offset);
    },
    close() {
      images = undefined;
    },
  };
}

/** The summary of images that came from nowhere in particular. */
function plainSummary(count: number, size: number, classes: number): DataSummary {
  return {
    source: "memory",
    name: "memory",
    split: "all",
    preprocessing: "centre-crop",
    resize: "lanczos3",
    resolution: size,
    found: count,
    used: count,
    skipped: [],
    width: { min: size, max: size },
    height: { min: size, max: size },
    enlarged: 0,
    classes,
    notes: [],
    warnings: [],
    fromCache: false,
  };
}
