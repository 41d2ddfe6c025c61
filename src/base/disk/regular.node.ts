/**
 * Reading whole files that may come from anybody: regular files only, of a length that is looked at
 * before anything is read. A device has no end (/dev/zero), and a pipe without a writer never
 * begins.
 */
import { constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import type { z } from "zod";
import { UserError } from "../errors.ts";
import { checkedJson } from "../schema.ts";
import { formatBytes } from "../text/format/index.ts";
import { errorCode } from "./files.node.ts";

/**
 * JSON documents of this program: the largest are the list of a pack's skipped files and a run's
 * sessions.
 */
export const MAX_JSON_BYTES = 64_000_000;
/** One system call reads 2 GiB at most. */
const MAX_AT_ONCE = 1 << 30;

/** What is found where a regular file is looked for. */
export const NO_REGULAR_FILE = "not a file but a device, a pipe or a socket";

/**
 * Open a regular file for reading. The caller closes it.
 * @param special what is thrown for a device, a pipe or a socket
 * @throws what `special` gives; the system's error for a folder (EISDIR), and for a file that is
 * not there or may not be read
 */
export async function openRegularOr(path: string | Buffer, special: () => Error): Promise<FileHandle> {
  const refuseSpecial = (found: { isFile(): boolean; isDirectory(): boolean }): void => {
    if (found.isFile()) return;
    if (!found.isDirectory()) throw special();
    // As the system has it, when a folder is read.
    throw Object.assign(new Error(`EISDIR: ${path}`), { code: "EISDIR", syscall: "read", path });
  };
  // Looked at first, as merely opening some devices does something.
  refuseSpecial(await stat(path));
  // A pipe put there meanwhile must not block either; Windows has none.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    refuseSpecial(await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Open a regular file for reading. The caller closes it.
 * @throws UserError for a device, a pipe or a socket; else as `openRegularOr`
 */
export const openRegular = (path: string): Promise<FileHandle> =>
  openRegularOr(
    path,
    () =>
      new UserError(
        `${path} is ${NO_REGULAR_FILE}.`,
        "Give a file. What comes out of a pipe has to be written into one first.",
      ),
  );

/** What a file may be. */
export interface ReadLimits {
  /** Bytes it may have. */
  readonly max: number;
  /** What it is, for messages: `a sweep file`. */
  readonly what: string;
}

/**
 * Read a whole regular file.
 * @throws UserError for what is no regular file, or larger than `max`; the system's error otherwise
 */
export async function readRegular(path: string, { max, what }: ReadLimits): Promise<Buffer> {
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    if (size > max)
      throw new UserError(
        `${path} is ${formatBytes(size)} long; ${what} has ${formatBytes(max)} at most.`,
        "Check that it is the file you mean.",
      );
    const bytes = Buffer.allocUnsafe(size);
    let done = 0;
    while (done < size) {
      const length = Math.min(size - done, MAX_AT_ONCE);
      const { bytesRead } = await handle.read(bytes, done, length, done);
      // Cut short while it was read.
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  } catch (error) {
    throw error instanceof Error && errorCode(error) !== undefined ? Object.assign(error, { path }) : error;
  } finally {
    await handle.close();
  }
}

/** What a JSON file should be. */
export interface JsonFile<S extends z.ZodType> {
  readonly schema: S;
  /** What to do when it says something else. */
  readonly hint: string;
  readonly max?: number;
}

/**
 * Read a JSON file and check what it says against a schema.
 * @returns undefined when there is no such file
 * @throws UserError naming the file when it is no regular file, too large, no JSON, or says
 * something else than it should
 */
export async function readJsonFile<S extends z.ZodType>(
  path: string,
  { schema, hint, max = MAX_JSON_BYTES }: JsonFile<S>,
): Promise<z.output<S> | undefined> {
  const bytes = await readIfThere(path, { max, what: "such a file" });
  return bytes && checkedJson(schema, bytes.toString("utf8"), { where: path, hint });
}

/** As `readRegular`; undefined when there is no such file. */
export async function readIfThere(path: string, limits: ReadLimits): Promise<Buffer | undefined> {
  return readRegular(path, limits).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
}

/** Whether `path` really lies below `top`, a real path, wherever links lead. */
export async function leadsInside(path: string, top: string): Promise<boolean> {
  const real = await realpath(path).catch(() => undefined);
  return real !== undefined && (real === top || real.startsWith(top + sep));
}
