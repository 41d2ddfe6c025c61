/** How much room there is on a disk; writing to a place in a file. */
import { type FileHandle, statfs } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Bytes that may still be written in `folder`, which need not exist yet: the nearest folder above
 * that does is asked.
 * @returns undefined where the file system does not say
 */
export async function freeBytes(folder: string): Promise<number | undefined> {
  for (let path = folder; ; path = dirname(path)) {
    const info = await statfs(path).catch(() => undefined);
    if (info) return info.bavail * info.bsize;
    if (dirname(path) === path) return undefined;
  }
}

/** Writes all of `bytes` at `at`; a single write may take less than it was given. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}
