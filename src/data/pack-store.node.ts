/**
 * An `ImageStore` over a packed file: in memory if it is of moderate size, otherwise read image by image from the disk,
 * where the operating system keeps what is used often.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { memoryStore } from "./memory-store.ts";
import { labelsAt, type PackIndex, PIXELS_AT, readIndex } from "./pack-file.node.ts";
import { checkRead, type DataSummary, type ImageStore, imageBytes } from "./store.ts";

/** Stores below this many bytes are held in memory; Node's buffers end not far above. */
const IN_MEMORY = 2_000_000_000;
/** Stores below this have their pixels checked against their hash when opened; it takes a fraction of a second. */
const CHECKED = 256_000_000;

/** Limits that tests lower. */
export interface PackStoreLimits {
  readonly inMemory?: number;
  readonly checked?: number;
}

/**
 * The store in the packed file at `path`, or undefined if there is none or it is damaged.
 * @param fresh what the summary shall say that is not a matter of the file
 */
export async function openPack(
  path: string,
  fresh: Pick<DataSummary, "notes" | "fromCache">,
  limits: PackStoreLimits = {},
): Promise<ImageStore | undefined> {
  const index = await readIndex(path);
  if (!index) return undefined;
  const pixelBytes = index.count * imageBytes(index.size);
  const file = openSync(path, "r");
  let keep = false;
  try {
    const labelBytes = new Uint8Array(index.labelled ? 2 * index.count : 0);
    readFully(file, labelBytes, labelsAt(index));
    const labels = index.labelled ? decodeLabels(labelBytes) : undefined;
    const summary = { ...index.summary, ...fresh };
    const rest = { size: index.size, labels, classNames: index.classNames, hash: index.hash, summary };
    if (pixelBytes >= (limits.inMemory ?? IN_MEMORY)) {
      keep = true;
      return fileStore(file, index, rest);
    }
    const images = new Uint8Array(pixelBytes);
    readFully(file, images, PIXELS_AT);
    if (pixelBytes < (limits.checked ?? CHECKED) && contentHash(index, images, labelBytes) !== index.hash)
      return undefined;
    return memoryStore({ ...rest, images });
  } finally {
    if (!keep) closeSync(file);
  }
}

function fileStore(
  file: number,
  { count, size }: PackIndex,
  rest: Pick<ImageStore, "size" | "labels" | "classNames" | "hash" | "summary">,
): ImageStore {
  const bytes = imageBytes(size);
  let closed = false;
  return {
    ...rest,
    count,
    channels: 3,
    read(index, out, offset) {
      if (closed) throw new Error("the image store is closed");
      checkRead({ count, size }, index, out, offset);
      readFully(file, out.subarray(offset, offset + bytes), PIXELS_AT + index * bytes);
    },
    close() {
      if (!closed) closeSync(file);
      closed = true;
    },
  };
}

/** Fills `out` from `position` on. */
function readFully(file: number, out: Uint8Array, position: number): void {
  let done = 0;
  while (done < out.length) {
    // One system call reads 2 GiB at most.
    const read = readSync(file, out, done, Math.min(out.length - done, 1 << 30), position + done);
    if (read === 0) throw new Error(`the packed images end ${out.length - done} bytes too early`);
    done += read;
  }
}

function decodeLabels(bytes: Uint8Array): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, true));
}

/** The same hash that the writer made; see `createPack`. */
function contentHash(index: PackIndex, images: Uint8Array, labels: Uint8Array): string {
  const hash = createHash("sha256").update(`${index.size}x${index.size}x3 uint8\n`).update(images);
  if (index.labelled) hash.update("labels\n").update(labels);
  return hash.digest("hex");
}
