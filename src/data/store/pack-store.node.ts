/**
 * An `ImageStore` over a packed file: in memory if it is small, otherwise read from the disk when
 * an image is asked for. What is used often the operating system keeps in memory by itself, and
 * gives back when something else needs it.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, read, readSync } from "node:fs";
import { endianness } from "node:os";
import { crc32 } from "node:zlib";
import { UserError } from "../../base/errors.ts";
import { memoryStore } from "./memory-store.ts";
import { checksumsAt, labelsAt, type PackIndex, PIXELS_AT, readIndex } from "./pack-file.node.ts";
import { checkRead, type DataSummary, type ImageStore, imageBytes } from "./store.ts";

/**
 * Stores below this many bytes are held in memory, and checked against their hash when opened: a
 * fraction of a second. CIFAR-10's 50,000 images at 32×32 are 154 MB.
 */
const IN_MEMORY = 256_000_000;
/** Reads under way at once; Node's own threads for files are four. */
const READERS = 4;

/** Limits that tests lower. */
export interface PackStoreLimits {
  readonly inMemory?: number;
}

/**
 * The store in the packed file at `path`, or undefined if there is none, it is damaged, or another
 * version of the program made it.
 * @param fresh what the summary shall say that is not a matter of the file
 */
export async function openPack(
  path: string,
  fresh: Pick<DataSummary, "notes" | "noClasses" | "fromCache">,
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
    const labels = index.labelled ? new Uint16Array(hostOrder(labelBytes, 2)) : undefined;
    const summary = { ...index.summary, ...fresh };
    const { size, classNames, hash } = index;
    const rest = { size, labels, classNames, hash, summary, file: path };
    if (pixelBytes >= (limits.inMemory ?? IN_MEMORY)) {
      const checksumBytes = new Uint8Array(4 * index.count);
      readFully(file, checksumBytes, checksumsAt(index));
      keep = true;
      return fileStore(file, new Uint32Array(hostOrder(checksumBytes, 4)), rest);
    }
    const images = new Uint8Array(pixelBytes);
    readFully(file, images, PIXELS_AT);
    if (contentHash(index, images, labelBytes) !== hash) return undefined;
    return memoryStore({ ...rest, images });
  } finally {
    if (!keep) closeSync(file);
  }
}

type FileRest = Pick<ImageStore, "size" | "labels" | "classNames" | "hash" | "summary"> & { file: string };

function fileStore(file: number, checksums: Uint32Array, rest: FileRest): ImageStore {
  const count = checksums.length;
  const bytes = imageBytes(rest.size);
  let closed = false;
  let reading = 0;
  const requireOpen = (): void => {
    if (closed) throw new Error("the image store is closed");
  };
  const place = (index: number, out: Uint8Array, offset: number): Uint8Array => {
    checkRead({ count, size: rest.size }, index, out, offset);
    return out.subarray(offset, offset + bytes);
  };
  const verify = (index: number, pixels: Uint8Array): void => {
    if (crc32(pixels) !== checksums[index]) throw damaged(rest.file, index);
  };
  return {
    ...rest,
    count,
    channels: 3,
    read(index, out, offset) {
      requireOpen();
      const pixels = place(index, out, offset);
      readFully(file, pixels, PIXELS_AT + index * bytes);
      verify(index, pixels);
    },
    async readMany(indices, out) {
      requireOpen();
      let next = 0;
      const reader = async (): Promise<void> => {
        while (next < indices.length) {
          const i = next++;
          const pixels = place(indices[i]!, out, i * bytes);
          await readLater(file, pixels, PIXELS_AT + indices[i]! * bytes);
          verify(indices[i]!, pixels);
        }
      };
      reading++;
      try {
        await allDone(Array.from({ length: READERS }, reader));
      } finally {
        reading--;
        if (closed && reading === 0) closeSync(file);
      }
    },
    close() {
      // A number that is in use by a read must not be given to another file.
      if (!closed && reading === 0) closeSync(file);
      closed = true;
    },
  };
}

/** As `Promise.all`, but a failure is told only when nothing is under way any more. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(work);
  await Promise.all(work);
}

function damaged(path: string, index: number): UserError {
  return new UserError(
    `The packed images in ${path} are damaged: image ${index} is not what was written.`,
    "Delete this file, which is only a cache, and run the same command again: the images are packed anew, and a run goes on from its last checkpoint. If it happens again, check the disk.",
  );
}

/** Fills `out` from `position` on. */
function readFully(file: number, out: Uint8Array, position: number): void {
  let done = 0;
  while (done < out.length) {
    // One system call reads 2 GiB at most.
    const got = readSync(file, out, done, Math.min(out.length - done, 1 << 30), position + done);
    if (got === 0) throw new Error(`the packed images end ${out.length - done} bytes too early`);
    done += got;
  }
}

/** The same on one of Node's threads for files. */
async function readLater(file: number, out: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < out.length) {
    const got = await new Promise<number>((resolve, reject) => {
      read(file, out, done, out.length - done, position + done, (error, n) =>
        error ? reject(error) : resolve(n),
      );
    });
    if (got === 0) throw new Error(`the packed images end ${out.length - done} bytes too early`);
    done += got;
  }
}

/**
 * A copy of little-endian numbers of `width` bytes in the order of this machine; a million of them
 * take no time.
 */
function hostOrder(bytes: Uint8Array, width: 2 | 4): ArrayBuffer {
  const copy = Buffer.from(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  if (endianness() === "BE") width === 2 ? copy.swap16() : copy.swap32();
  return copy.buffer as ArrayBuffer;
}

/** The same hash that the writer made; see `createPack`. */
function contentHash(index: PackIndex, images: Uint8Array, labels: Uint8Array): string {
  const hash = createHash("sha256").update(`${index.size}x${index.size}x3 uint8\n`).update(images);
  if (index.labelled) hash.update("labels\n").update(labels);
  return hash.digest("hex");
}
