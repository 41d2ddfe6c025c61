/**
 * Files that are either wholly there or not there: written beside under another name, flushed to the disk, then renamed
 * (POSIX rename is atomic; the folder is flushed too, so that the new name survives a power cut).
 */
import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "./errors.ts";
import { readableBytes } from "./readable.ts";
import { systemProblem } from "./system-problems.ts";

export { readableBytes } from "./readable.ts";

/** Size and SHA-256 of a written file. */
export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** SHA-256 of bytes, or of a text in UTF-8, in hexadecimal. Where there is no Node: `sha256Hex` of data/image-hash.ts. */
export const sha256 = (data: Uint8Array | string): string => createHash("sha256").update(data).digest("hex");

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

/** Flush a folder, so that names made or changed in it last. Not every system can; then there is nothing to be done. */
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

/** A name with room for an ending: file systems take 255 bytes, some less. */
function shortened(name: string): string {
  return Buffer.byteLength(name) <= 200 ? name : `${name.slice(0, 40)}~${sha256(name).slice(0, 16)}`;
}

/**
 * Write a whole file, replacing an earlier one only when the new one is complete.
 * @param check looks at the complete file where it was written, before it gets its name; when it throws, it does not get it
 * @throws UserError when the disk is full or the place not writable; an earlier file is untouched then
 */
export async function writeFileWhole(
  path: string,
  content: Uint8Array | string,
  check?: (written: string) => Promise<void>,
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  // Two at once, of one path, do not meet.
  const beside = join(dirname(path), `${shortened(basename(path))}.${++writes}.${process.pid}.tmp`);
  try {
    await rm(beside, { force: true });
    await writePieces(beside, [bytes]);
    await check?.(beside);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw await explainWriteError(error, path, bytes.length);
  }
  await syncFolder(dirname(path));
}

/** Make the folder that a file is to be in. @throws UserError when the disk is full or the place not writable */
export async function makeFolderOf(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch(async (error: unknown) => {
    throw await explainWriteError(error, path, 0);
  });
}

/**
 * Remove from `folder` what `writeFileWhole` could not finish because its process was killed. Files of processes that live,
 * say of a `sample` into the folder of a run, stay.
 */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const pid = Number(/\.(\d+)\.tmp$/.exec(name)?.[1] ?? Number.NaN);
    if (pid === process.pid || (pid > 0 && !isAlive(pid))) await rm(join(folder, name), { force: true });
  }
}

/** Whether there is a process of this number on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/** `code` of a system error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const ELSEWHERE =
  "Choose another place (--run when training, --out otherwise), or change the permissions of the folder.";

/** The error to throw for one met while writing: a `UserError` for what a user can put right, else the error itself. */
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
  const needs = `It needs ${readableBytes(needed)}${free === undefined ? "" : `, ${readableBytes(free)} are free`}.`;
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
