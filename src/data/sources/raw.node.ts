/**
 * Data sets that are arrays of pixels rather than image files (CIFAR, STL-10, MNIST): reading
 * fixed-length records in blocks, and what such a set needs to say to become a `Listing`.
 */
import { stat } from "node:fs/promises";
import { NO_REGULAR_FILE } from "../../base/disk/regular.node.ts";
import { UserError } from "../../base/errors.ts";
import { systemProblem } from "../../base/system-problems.ts";
import { squarePixels } from "../decode/decode.node.ts";
import { OddFileError, openPlain } from "../plain-file.node.ts";
import type { Listing } from "./source.ts";

/** Bytes read at a time. */
const BLOCK = 4 << 20;

/** One image as it is stored. */
export interface RawImage {
  /** [height, width, 3], values 0–255. */
  readonly pixels: Uint8Array;
  /** Its class, if the set has any. */
  readonly label?: number | undefined;
}

/** Images of one file of the set. */
export interface RawPart {
  /** The file's name. */
  readonly name: string;
  readonly count: number;
  /** Changes when the file does. */
  readonly fingerprint: string;
  /** The images are asked for in order, a few at once. */
  readonly read: (record: number) => Promise<RawImage>;
  readonly close?: (() => Promise<void>) | undefined;
}

/** A set of equally sized images in one or more files. */
export interface RawSet
  extends Pick<Listing, "name" | "source" | "identity" | "notes" | "warnings" | "classNames"> {
  /** Width and height in pixels. */
  readonly side: number;
  readonly parts: readonly RawPart[];
}

/** The listing of all images of all parts, in order. */
export function listRaw(set: RawSet): Listing {
  const { side, parts } = set;
  const starts: number[] = [];
  let count = 0;
  for (const part of parts) {
    starts.push(count);
    count += part.count;
  }
  const labels = new Float64Array(set.classNames ? count : 0);
  const place = (index: number): { part: RawPart; record: number } => {
    const which = starts.findLastIndex((start) => start <= index);
    return { part: parts[which]!, record: index - starts[which]! };
  };
  const paths = parts.flatMap(({ name, count: n }) => Array.from({ length: n }, (_, i) => `${name}#${i}`));
  return {
    name: set.name,
    source: set.source,
    identity: [...set.identity, ...parts.map(({ name, fingerprint }) => `${name} ${fingerprint}`)],
    paths,
    skipped: [],
    notes: set.notes,
    warnings: set.warnings,
    classNames: set.classNames,
    async load(index, square) {
      const { part, record } = place(index);
      const { pixels, label } = await part.read(record);
      if (set.classNames) labels[index] = label ?? Number.NaN;
      return {
        pixels: await squarePixels(pixels, side, side, square, paths[index]!),
        width: side,
        height: side,
      };
    },
    label: (index) => labels[index]!,
    close: async () => {
      await Promise.all(parts.map((part) => part.close?.()));
    },
  };
}

/** Fixed-length records of a file. */
export interface RecordFile {
  readonly read: (record: number) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
}

/**
 * Reads records of `length` bytes from the file at `path`, from byte `offset` on, in blocks of some
 * megabytes.
 * @param hint what to do if the file cannot be read
 */
export function recordFile(path: string, length: number, offset: number, hint: string): RecordFile {
  const perBlock = Math.max(1, Math.floor(BLOCK / length));
  let opening: ReturnType<typeof openPlain> | undefined;
  const block = recent(4, async (which: number) => {
    try {
      opening ??= openPlain(path);
      const bytes = new Uint8Array(perBlock * length);
      const { bytesRead } = await (await opening).read(bytes, 0, bytes.length, offset + which * bytes.length);
      return bytes.subarray(0, bytesRead);
    } catch (error) {
      throw cannotRead(path, error, hint);
    }
  });
  return {
    async read(record) {
      const from = (record % perBlock) * length;
      const bytes = (await block(Math.floor(record / perBlock))).subarray(from, from + length);
      if (bytes.length < length) throw new UserError(`${path} ends too early: it has changed.`, hint);
      return bytes;
    },
    close: async () => {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}

/**
 * Remembers the last `limit` results of `load`, by key: what is asked for in order is loaded once.
 */
export function recent<K, V>(limit: number, load: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const held = new Map<K, Promise<V>>();
  return (key) => {
    const value = held.get(key) ?? load(key);
    held.delete(key);
    held.set(key, value);
    if (held.size > limit) held.delete(held.keys().next().value!);
    return value;
  };
}

/**
 * Size and fingerprint of a file. @throws UserError with `hint` if it is no plain file, or cannot
 * be looked at
 */
export async function fileState(path: string, hint: string): Promise<{ size: number; fingerprint: string }> {
  try {
    const info = await stat(path, { bigint: true });
    if (info.isDirectory()) throw new OddFileError("it is a folder");
    if (!info.isFile()) throw new OddFileError(`it is ${NO_REGULAR_FILE}`);
    return { size: Number(info.size), fingerprint: `${info.size} ${info.mtimeNs} ${info.ctimeNs}` };
  } catch (error) {
    throw cannotRead(path, error, hint);
  }
}

/** `EIO: the disk reports an error`; the code alone where there are no words. */
export function wordsFor(code: string | undefined): string | undefined {
  const problem = systemProblem(code);
  return problem ? `${code}: ${problem.what}` : code;
}

/** The error for a file that cannot be read. */
export function cannotRead(path: string, error: unknown, hint: string): UserError {
  const code = (error as NodeJS.ErrnoException).code;
  const why =
    error instanceof OddFileError
      ? error.message
      : code === "ENOENT"
        ? "it is missing"
        : code === "EACCES" || code === "EPERM"
          ? "no permission"
          : wordsFor(code);
  return new UserError(`${path} cannot be read (${why ?? String(error)}).`, hint, { cause: error });
}

/** Planes of red, green and blue ([3, n]) to interleaved pixels ([n, 3]). */
export function interleave(planes: Uint8Array): Uint8Array {
  const plane = planes.length / 3;
  const pixels = new Uint8Array(planes.length);
  for (let i = 0; i < plane; i++)
    for (let channel = 0; channel < 3; channel++) pixels[3 * i + channel] = planes[channel * plane + i]!;
  return pixels;
}
