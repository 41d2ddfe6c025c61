/**
 * Files that are either wholly there or not there: written beside under another name, flushed to
 * the disk, then renamed (POSIX rename is atomic; the folder is flushed too, so that the new name
 * survives a power cut).
 */

import { createHash } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../errors.ts";
import { option } from "../option-names.ts";
import { isAlive, startedAt } from "../processes/process.node.ts";
import { systemProblem } from "../system-problems.ts";
import { formatBytes } from "../text/format/index.ts";
import { makeFolder } from "./folders.node.ts";

/** Size and SHA-256 of a written file. */
export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * SHA-256 of bytes, or of a text in UTF-8, in hexadecimal. Where there is no Node: `sha256Hex` of
 * data/decode/image-hash.ts.
 */
export const sha256 = (data: Uint8Array | string): string => createHash("sha256").update(data).digest("hex");

/** Whether there is something of this name; not where it cannot be found out. */
export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Write pieces one after another to a new file and flush it. */
export async function writePieces(path: string, pieces: readonly Uint8Array[]): Promise<FileDigest> {
  const hash = createHash("sha256");
  let bytes = 0;
  const handle = await open(path, "wx");
  try {
    for (const piece of pieces) {
      hash.update(piece);
      await writeAll(handle, piece);
      bytes += piece.length;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** A single write may take less than it was given, for example when the disk is nearly full. */
async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.length; )
    done += (await handle.write(piece, done, piece.length - done)).bytesWritten;
}

/**
 * Flush a folder, so that names made or changed in it last. Not every system can; then there is
 * nothing to be done.
 */
export async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!["EISDIR", "EPERM", "EINVAL", "ENOTSUP", "EACCES"].includes(errorCode(error) ?? "")) throw error;
  }
}

/** Files written so far, for their names while they are. */
let writes = 0;
/** Files that this process is writing, under the names they have meanwhile. */
const writing = new Set<string>();

/**
 * What killed processes left in the folders that this process has written to: paths by the name
 * they were to have.
 */
const leftovers = new Map<string, Promise<ReadonlyMap<string, readonly string[]>>>();

/**
 * Remove what killed processes left of `path`, whatever folder of the user's it is in: nobody else
 * calls files like that.
 */
async function removeLeftoversOf(path: string): Promise<void> {
  const folder = resolve(dirname(path));
  const found = leftovers.get(folder) ?? listLeftovers(folder);
  leftovers.set(folder, found);
  for (const left of (await found).get(shortened(basename(path))) ?? [])
    if (await isLeft(left)) await rm(left, { force: true }).catch(() => undefined);
}

async function listLeftovers(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const byName = new Map<string, string[]>();
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const whole = /^(.+)\.\d+\.\d+\.tmp$/.exec(name)?.[1];
    if (whole !== undefined) byName.set(whole, [...(byName.get(whole) ?? []), join(folder, name)]);
  }
  return byName;
}

/**
 * A name for a file while it is written, which nobody else has. What processes that were killed
 * left of the same file is removed, once a folder; `removeUnfinished` knows such names too.
 * @returns the name, and what to call when the file has its own name or is gone
 */
export async function nameBeside(
  path: string,
): Promise<{ readonly beside: string; readonly over: () => void }> {
  await removeLeftoversOf(path);
  // Two at once, of one path, do not meet.
  const beside = join(dirname(path), `${shortened(basename(path))}.${++writes}.${process.pid}.tmp`);
  const key = resolve(beside);
  writing.add(key);
  return { beside, over: () => void writing.delete(key) };
}

/** A name with room for an ending: file systems take 255 bytes, some less. */
function shortened(name: string): string {
  return Buffer.byteLength(name) <= 200 ? name : `${name.slice(0, 40)}~${sha256(name).slice(0, 16)}`;
}

/**
 * Write a whole file, replacing an earlier one only when the new one is complete.
 * @param check looks at the complete file where it was written, before it gets its name; when it
 * throws, it does not get it
 * @throws UserError when the disk is full or the place not writable; an earlier file is untouched
 * then
 */
export async function writeFileWhole(
  path: string,
  content: Uint8Array | string,
  check?: (written: string) => Promise<void>,
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const { beside, over } = await nameBeside(path);
  try {
    await rm(beside, { force: true });
    await writePieces(beside, [bytes]);
    await check?.(beside);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw await explainWriteError(error, path, bytes.length);
  } finally {
    over();
  }
  await syncFolder(dirname(path));
}

/**
 * Make the folder that a file is to be in.
 * @throws UserError when the disk is full or the place not writable
 */
export async function makeFolderOf(path: string): Promise<void> {
  await makeFolder(dirname(path)).catch(async (error: unknown) => {
    throw await explainWriteError(error, path, 0);
  });
}

/** A page: a full disk may still take the name of an empty file. */
const TRIAL_BYTES = 4096;

/**
 * See whether a file can be written at `path`, before the work that makes its content; its folder
 * is made.
 * @throws UserError when the disk is full or the place not writable
 */
export async function requireWritable(path: string): Promise<void> {
  await makeFolderOf(path);
  const beside = join(dirname(path), `.${++writes}.${process.pid}.tmp`);
  try {
    await rm(beside, { force: true });
    await writePieces(beside, [new Uint8Array(TRIAL_BYTES)]);
  } catch (error) {
    throw await explainWriteError(error, path, TRIAL_BYTES);
  } finally {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}
/** A file that is being written by the process PID: `NAME.PID.tmp`, or `NAME.PID-ANYTHING.tmp`. */
const UNFINISHED = /\.(\d+)(?:-[0-9a-f]+)?\.tmp$/;

/** Whether a file is called as one that a process of this program has not finished writing. */
export const isUnfinished = (name: string): boolean => UNFINISHED.test(name);

/**
 * Remove from `folder` what could not be finished because its process was killed. Files of
 * processes that live, say of a `sample` into the folder of a run, stay. A folder that cannot be
 * read or changed is left as it is.
 */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const path = join(folder, name);
    if (await isLeft(path)) await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Milliseconds by which the system's times of files and of processes may disagree. */
const CLOCKS_AGREE = 1000;

/**
 * Whether `path` is unfinished, and will stay so. The number of its process may be another's by
 * now: in containers they are small.
 */
async function isLeft(path: string): Promise<boolean> {
  const pid = Number(UNFINISHED.exec(path)?.[1] ?? 0);
  if (pid === 0) return false;
  if (pid === process.pid) return !writing.has(resolve(path));
  if (!isAlive(pid)) return true;
  const began = startedAt(pid);
  if (began === undefined) return false;
  const written = await stat(path).catch(() => undefined);
  return written !== undefined && written.mtimeMs + CLOCKS_AGREE < began;
}

/** `code` of a system error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const ELSEWHERE = `Choose another place (${option("run")} when training, ${option("out")} otherwise), or change the permissions of the folder.`;

/**
 * The error to throw for one met while writing: a `UserError` for what a user can put right, else
 * the error itself.
 */
export async function explainWriteError(error: unknown, path: string, needed: number): Promise<unknown> {
  const code = errorCode(error);
  if (code === "ENOSPC") return diskFull(error, path, needed);
  const problem = systemProblem(code);
  if (!problem) return error;
  const what = code === "ENOENT" ? "its folder is not there" : `${problem.what} (${code})`;
  const hint = ABOUT_PLACE.has(code!) ? ELSEWHERE : problem.remedy;
  return new UserError(`${path} could not be written: ${what}.`, hint, { cause: error });
}

/** Codes that another place helps with. */
const ABOUT_PLACE = new Set(["EACCES", "EPERM", "EROFS", "ENOENT"]);

async function diskFull(cause: unknown, path: string, needed: number): Promise<UserError> {
  const free = await freeSpace(dirname(path));
  const needs = `It needs ${formatBytes(needed, 4)}${free === undefined ? "" : `, ${formatBytes(free, 4)} are free`}.`;
  // Room for bytes and none for a file: file systems keep a fixed number of those.
  const names = free !== undefined && free > 2 * needed + MANY_BYTES;
  return new UserError(
    names
      ? `The disk takes no more files: ${path} could not be written (ENOSPC). ${needs}`
      : `The disk is full: ${path} could not be written (ENOSPC). ${needs}`,
    names
      ? "It has room for bytes, so it is the number of files that is used up (df -i shows it), or a limit of the disk. Remove files, or choose another place."
      : "Make room (or lower training.keepCheckpoints) and run the same command again. What was saved before is untouched.",
    { cause },
  );
}

/** A disk with so many bytes free, 64 MiB, is not full for lack of bytes. */
const MANY_BYTES = 64 * 1024 * 1024;

/** Bytes a user may still write where `path` is; undefined when the system does not say. */
export async function freeSpace(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
