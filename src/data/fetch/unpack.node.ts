/**
 * Published archives to plain files. Everything is written into a folder of its own beside the
 * final one; only a complete folder gets the final name.
 */

import { createReadStream, createWriteStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { UserError } from "../../base/errors.ts";
import { tarEntries } from "../sources/archives/tar.node.ts";
import { onDisk } from "./download.node.ts";

/** A file that came out of an archive. */
export interface UnpackedFile {
  /** Below the folder, with `/` on every system. */
  readonly path: string;
  readonly bytes: number;
}

/** How unpacking is getting on. */
export interface UnpackOptions {
  /** Called with the number of bytes that have come out so far. */
  readonly onProgress?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpack what is below `folder` in a .tar.gz into `target`. Links and special files are left out.
 * @throws UserError if it is damaged, there is nothing below `folder`, a path leads out of it, or
 * the disk is full
 */
export async function unpackTarGz(
  archive: string,
  folder: string,
  target: string,
  options: UnpackOptions = {},
): Promise<UnpackedFile[]> {
  const files: UnpackedFile[] = [];
  const done = counter(options);
  try {
    for await (const { header, body } of tarEntries(archive)) {
      options.signal?.throwIfAborted();
      const { name, type } = header;
      const path = posix.normalize(name);
      if (type === "file" && path.startsWith(`${folder}/`)) {
        const below = path.slice(folder.length + 1);
        const place = join(target, ...below.split("/"));
        await onDisk(place, makeFolder(dirname(place)));
        files.push({ path: below, bytes: await write(Readable.from(body), place, done, options) });
        continue;
      }
      if (leadsOut(name)) throw damaged(archive, `it holds ${name}, which leads out of its folder`);
      await body.cancel();
    }
  } catch (error) {
    throw explain(archive, error, options);
  }
  if (files.length === 0) throw damaged(archive, `there is no folder ${folder} in it`);
  return files;
}

/** Unpack single files `NAME.gz` into `target` as `NAME`. @throws UserError as `unpackTarGz` */
export async function unpackGz(
  archives: readonly string[],
  target: string,
  options: UnpackOptions = {},
): Promise<UnpackedFile[]> {
  await onDisk(target, makeFolder(target));
  const done = counter(options);
  const files: UnpackedFile[] = [];
  for (const archive of archives) {
    const path = basename(archive).replace(/\.gz$/, "");
    try {
      const source = createReadStream(archive).pipe(createGunzip());
      files.push({ path, bytes: await write(source, join(target, path), done, options) });
    } catch (error) {
      throw explain(archive, error, options);
    }
  }
  return files;
}

/** Write a stream to a file and flush it. @returns its bytes */
async function write(
  source: Readable,
  path: string,
  done: (bytes: number) => void,
  options: UnpackOptions,
): Promise<number> {
  source.on("data", (chunk: Uint8Array) => done(chunk.length));
  await onDisk(path, pipeline(source, createWriteStream(path, { flags: "wx" }), signalOf(options)));
  const file = await open(path, "r+");
  try {
    await onDisk(path, file.sync());
  } finally {
    await file.close();
  }
  return (await stat(path)).size;
}

function counter({ onProgress }: UnpackOptions): (bytes: number) => void {
  let sum = 0;
  return (bytes) => {
    sum += bytes;
    onProgress?.(sum);
  };
}

function signalOf({ signal }: UnpackOptions): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

function leadsOut(name: string): boolean {
  return name.startsWith("/") || posix.normalize(name).split("/")[0] === "..";
}

function explain(archive: string, error: unknown, { signal }: UnpackOptions): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof UserError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const spoilt = code?.startsWith("Z_") || /tar|EOF|unexpected end|premature|checksum/i.test(message);
  return spoilt ? damaged(archive, message, error) : error;
}

function damaged(archive: string, why: string, cause?: unknown): UserError {
  return new UserError(
    `${archive} cannot be unpacked: ${why}.`,
    "Delete it and run the same command again.",
    cause === undefined ? {} : { cause },
  );
}
