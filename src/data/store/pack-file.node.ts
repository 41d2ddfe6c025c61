/**
 * The packed file: images as they are read in training, so that a second start decodes nothing.
 *
 *     0       preface, 64 bytes: magic "QTPACK02", uint64 offset and length of the index, SHA-256 of the index
 *     4096    pixels, [count, size, size, 3] uint8
 *             labels, [count] uint16 little-endian, if any; 65,535 for an image without one
 *             checksums, [count] uint32 little-endian: CRC-32 of every image's pixels
 *             index, JSON: shape, hash, summary (the skipped files among it)
 *
 * The preface is written last, beside, flushed, and the whole renamed into place: a file with the
 * right name is complete. A file whose length, checksum or shape is wrong all the same (a damaged
 * disk, a half-copied cache) is not used, nor is one in the format of another version of the
 * program. The checksums let each image be checked when it is read, so that a file of any size is
 * opened at once.
 */

import { createHash } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { nameBeside } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { PREPROCESSINGS, RESIZES } from "../decode/preprocessing.ts";
import { writeAll } from "../disk.node.ts";
import { type DataSummary, imageBytes, SPLITS } from "./store.ts";

const MAGIC = Buffer.from("QTPACK02", "latin1");
const PREFACE = 64;
/** Where the pixels start: a page, so that reads are aligned. */
export const PIXELS_AT = 4096;
/** Files of earlier states of a source go after a day. */
const STALE = 24 * 3600 * 1000;

/** Lists of skipped files grow with the data: this is a hundred million bytes of them. */
const MAX_INDEX_BYTES = 400_000_000;

const range = z.object({ min: z.number(), max: z.number() });
const indexSchema = z.object({
  count: z.int().positive(),
  size: z.int().positive(),
  labelled: z.boolean(),
  classNames: z.array(z.string()).optional(),
  hash: z.string(),
  summary: z.object({
    source: z.string(),
    name: z.string(),
    split: z.enum(SPLITS),
    preprocessing: z.enum(PREPROCESSINGS),
    resize: z.enum(RESIZES),
    resolution: z.int(),
    found: z.int(),
    used: z.int(),
    skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
    width: range,
    height: range,
    enlarged: z.int(),
    classes: z.int(),
    noClasses: z.string().optional(),
    notes: z.array(z.string()),
    warnings: z.array(z.string()),
    fromCache: z.boolean(),
  }) satisfies z.ZodType<DataSummary>,
});

/** What is known of a packed file without reading its pixels. */
export type PackIndex = z.infer<typeof indexSchema>;

/** Offset of the labels. */
export function labelsAt(index: Pick<PackIndex, "count" | "size">): number {
  return PIXELS_AT + index.count * imageBytes(index.size);
}

/** Offset of the checksums, behind the labels. */
export function checksumsAt(index: Pick<PackIndex, "count" | "size" | "labelled">): number {
  return labelsAt(index) + (index.labelled ? 2 * index.count : 0);
}

/** The index of the packed file at `path`, or undefined if there is none or it is damaged. */
export async function readIndex(path: string): Promise<PackIndex | undefined> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const preface = Buffer.alloc(PREFACE);
    const { bytesRead } = await file.read(preface, 0, PREFACE, 0);
    if (bytesRead < PREFACE || !preface.subarray(0, 8).equals(MAGIC)) return undefined;
    if (!(await file.stat()).isFile()) return undefined;
    const at = Number(preface.readBigUInt64LE(8));
    const length = Number(preface.readBigUInt64LE(16));
    // The length first: it catches a truncated file before anything is believed.
    if ((await file.stat()).size !== at + length) return undefined;
    if (length > MAX_INDEX_BYTES) return undefined;
    const json = Buffer.alloc(length);
    await file.read(json, 0, length, at);
    if (!sha256(json).equals(preface.subarray(24, 56))) return undefined;
    const index = indexSchema.safeParse(jsonIn(json));
    if (!index.success) return undefined;
    return at === checksumsAt(index.data) + 4 * index.data.count ? index.data : undefined;
  } finally {
    await file.close();
  }
}

/** Undefined for what is no JSON. */
function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Writes a packed file; nothing appears under its name before `finish`. */
export interface PackWriter {
  /** Appends one image, [size, size, 3], and its label if the data has labels. */
  add(pixels: Uint8Array, label: number | undefined): Promise<void>;
  /** The number of images so far. */
  readonly count: number;
  /** Completes the file and moves it into place; the hash is filled in. */
  finish(index: Omit<PackIndex, "hash" | "count" | "labelled">): Promise<void>;
  /** Removes the half-written file. */
  discard(): Promise<void>;
}

/**
 * Starts a packed file that will be at `path`, named `SOURCE-STATE.pack`; older states of the
 * source make way. Several processes may do so at once: the last rename wins, and all are whole.
 */
export async function createPack(path: string, size: number): Promise<PackWriter> {
  await makeFolder(dirname(path));
  await clearStale(path);
  const { beside, over } = await nameBeside(path);
  const file = await open(beside, "w");
  const hash = createHash("sha256").update(`${size}x${size}x3 uint8\n`);
  const labels: number[] = [];
  const checksums: number[] = [];
  let count = 0;
  let at = PIXELS_AT;
  return {
    get count() {
      return count;
    },
    async add(pixels, label) {
      if (pixels.length !== imageBytes(size))
        throw new RangeError(`${pixels.length} bytes for a ${size}×${size} image`);
      hash.update(pixels);
      await writeAll(file, pixels, at);
      at += pixels.length;
      count++;
      checksums.push(crc32(pixels));
      if (label !== undefined) labels.push(label);
    },
    async finish(rest) {
      const labelled = labels.length > 0;
      if (labelled) {
        if (labels.length !== count) throw new RangeError(`${labels.length} labels for ${count} images`);
        const bytes = littleEndian(labels, 2);
        hash.update("labels\n").update(bytes);
        await writeAll(file, bytes, at);
        at += bytes.length;
      }
      const sums = littleEndian(checksums, 4);
      await writeAll(file, sums, at);
      at += sums.length;
      const index: PackIndex = { ...rest, count, labelled, hash: hash.digest("hex") };
      await writeIndex(file, index, at);
      await file.sync();
      await file.close();
      await moveIntoPlace(beside, path);
      over();
    },
    async discard() {
      await file.close().catch(() => undefined);
      await rm(beside, { force: true });
      over();
    },
  };
}

/** Writes the index at `at`, then the preface that leads to it. */
export async function writeIndex(file: FileHandle, index: PackIndex, at: number): Promise<void> {
  const json = Buffer.from(JSON.stringify(index), "utf8");
  await writeAll(file, json, at);
  const preface = Buffer.alloc(PREFACE);
  MAGIC.copy(preface, 0);
  preface.writeBigUInt64LE(BigInt(at), 8);
  preface.writeBigUInt64LE(BigInt(json.length), 16);
  sha256(json).copy(preface, 24);
  await writeAll(file, preface, 0);
}

/** Unsigned numbers of `width` bytes, one after another. */
function littleEndian(values: readonly number[], width: 2 | 4): Buffer {
  const bytes = Buffer.alloc(width * values.length);
  values.forEach((value, i) => {
    bytes.writeUIntLE(value, width * i, width);
  });
  return bytes;
}

/**
 * Windows refuses to replace a file that another process has open; if that one is whole, it is as
 * good as ours.
 */
async function moveIntoPlace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (process.platform !== "win32" || !(await readIndex(to))) throw error;
    await rm(from, { force: true });
  }
}

async function clearStale(path: string): Promise<void> {
  const folder = dirname(path);
  // Names end in a dash and the state's hash; what is before it names the source.
  const source = basename(path).replace(/[^-]*$/, "");
  if (source === "") throw new Error(`${path} does not name its source`);
  for (const name of await readdir(folder)) {
    if (name === basename(path) || !name.startsWith(source)) continue;
    const info = await stat(join(folder, name)).catch(() => undefined);
    if (info && Date.now() - info.mtimeMs > STALE)
      await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
