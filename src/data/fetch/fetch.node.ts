/**
 * Fetch a published data set: download what is missing, check it, unpack it, and leave a folder
 * that can be trained on. Whatever has its final name is complete; the same command again goes on
 * where the last one stopped.
 */

import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { access, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { readJsonFile } from "../../base/disk/regular.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { formatBytes } from "../../base/text/format/index.ts";
import { freeBytes } from "../disk.node.ts";
import type { Publication, PublishedFile } from "./catalog.ts";
import { type DownloadOptions, download, onDisk, partOf } from "./download.node.ts";
import { webAddress } from "./http.node.ts";
import { type UnpackedFile, unpackGz, unpackTarGz } from "./unpack.node.ts";

/** How fetching is getting on. */
export interface FetchProgress {
  readonly phase: "downloading" | "checking" | "unpacking";
  /** The file, or the folder that is unpacked into. */
  readonly name: string;
  readonly done: number;
  readonly total: number;
}

/** What to fetch, and where to. */
export interface FetchOptions extends Pick<DownloadOptions, "onRetry" | "signal" | "stallMs" | "pauseMs"> {
  readonly publication: Publication;
  /** The folder for archives and what comes out of them; made if it is not there. */
  readonly out: string;
  /**
   * Another address: the folder in which the files lie under their published names, or of a single
   * file itself.
   */
  readonly mirror?: string | undefined;
  /** Leave the archives beside the unpacked folder. */
  readonly keepArchives?: boolean | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
}

/** What is there now. */
export interface Fetched {
  /** The folder to train on, absolute if `out` was. */
  readonly folder: string;
  readonly files: readonly UnpackedFile[];
  /** Nothing had to be done. */
  readonly wasThere: boolean;
}

/** Left in the unpacked folder: what it is and that it is complete. */
const RECORD = ".quarterturn.json";
const recordSchema = z.object({
  name: z.string(),
  archives: z.array(z.object({ name: z.string(), sha256: z.string() })),
  files: z.array(z.object({ path: z.string(), bytes: z.int() })),
});

/**
 * Fetch a data set.
 * @throws UserError if the server refuses or offers something else, a checksum is wrong, the disk
 *   is full or not writable, or other files are in the way; the signal's reason when it aborts.
 *   What has been downloaded is kept.
 */
export async function fetchData(options: FetchOptions): Promise<Fetched> {
  const { publication, out } = options;
  const folder = join(out, publication.folder);
  const there = await completeFiles(folder, publication);
  if (there) return { folder, files: there, wasThere: true };
  await onDisk(out, makeFolder(out));
  await onDisk(out, access(out, constants.W_OK));
  await requireRoom(options);
  for (const file of publication.files) await obtain(file, options);
  const files = await unpack(options, folder);
  if (!options.keepArchives)
    for (const { name } of publication.files) await rm(join(out, name), { force: true });
  return { folder, files, wasThere: false };
}

/**
 * The files of an earlier fetch, if all are there.
 * @throws UserError if the folder is somebody else's
 */
async function completeFiles(
  folder: string,
  publication: Publication,
): Promise<readonly UnpackedFile[] | undefined> {
  if (!(await stat(folder).catch(() => undefined))) return undefined;
  const record = await readJsonFile(join(folder, RECORD), { schema: recordSchema, hint: "" }).catch(
    () => undefined,
  );
  const sizes = await Promise.all(
    (record?.files ?? []).map(async ({ path, bytes }) => {
      const info = await stat(join(folder, path)).catch(() => undefined);
      return info?.size === bytes;
    }),
  );
  if (record?.name === publication.name && sizes.every(Boolean)) return record.files;
  throw new UserError(
    `${folder} is there already, and is not the complete ${publication.title} as this command leaves it.`,
    `Move it away and run the same command again, or name another place with ${option("out")}.`,
  );
}

/** @throws UserError if what is missing does not fit on the disk */
async function requireRoom({ publication, out }: FetchOptions): Promise<void> {
  let need = publication.unpackedBytes;
  for (const { name, bytes } of publication.files) {
    const path = join(out, name);
    const sizes = await Promise.all(
      [path, partOf(path).part].map(async (each) => (await stat(each).catch(() => undefined))?.size ?? 0),
    );
    need += Math.max(0, bytes - Math.max(...sizes));
  }
  const free = await freeBytes(out);
  if (free !== undefined && free < need)
    throw new UserError(
      `The disk is too full for ${publication.title}: it needs ${formatBytes(need, 4)} more in ${out}, and ${formatBytes(free, 4)} are free.`,
      `Make room and run the same command again, or name a folder on another disk with ${option("out")}.`,
    );
}

/** Have `file` in `out`, whole and checked. */
async function obtain(file: PublishedFile, options: FetchOptions): Promise<void> {
  const { out, onProgress, signal } = options;
  const path = join(out, file.name);
  const { part, note } = partOf(path);
  const progress = (phase: FetchProgress["phase"]) => (done: number) =>
    onProgress?.({ phase, name: file.name, done, total: file.bytes });
  if (await stat(path).catch(() => undefined)) {
    const wrong = await mismatch(path, file, progress("checking"), signal);
    if (wrong === undefined) return;
    throw new UserError(
      `${path} is there already, and is not the published file: ${wrong}.`,
      "Move it away and run the same command again.",
    );
  }
  const url = addressOf(file, options);
  const { onRetry, stallMs, pauseMs } = options;
  for (;;) {
    const { resumed } = await download({
      ...{ url, path, bytes: file.bytes, signal, stallMs, pauseMs, onRetry },
      onProgress: progress("downloading"),
    });
    const wrong = await mismatch(part, file, progress("checking"), signal);
    if (wrong === undefined) break;
    await Promise.all([part, note].map((each) => rm(each, { force: true })));
    if (!resumed)
      throw new UserError(
        `${url} is not the published file: ${wrong}.`,
        `It was deleted. Run the same command again in case it was damaged on the way, or try another ${option("mirror")}.`,
      );
    // Its pieces may be of two versions, or of a damaged disk: once more, in one piece.
    onRetry?.(`${file.name} is wrong (${wrong}) after going on from an earlier part; it is downloaded anew`);
  }
  await onDisk(path, rename(part, path));
  await rm(note, { force: true });
}

/** Where `file` is downloaded from. @throws UserError for a mirror that is no address */
function addressOf(file: PublishedFile, { mirror, publication }: FetchOptions): string {
  if (mirror === undefined) return file.url;
  const { href } = webAddress(mirror);
  if (publication.files.length === 1 && href.endsWith(`/${file.name}`)) return href;
  return `${href.replace(/\/$/, "")}/${file.name}`;
}

/** What is wrong with the file at `path`, if anything is. */
async function mismatch(
  path: string,
  file: PublishedFile,
  onProgress: (done: number) => void,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const sums = { md5: createHash("md5"), sha256: createHash("sha256") };
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    for (const sum of Object.values(sums)) sum.update(chunk);
    done += chunk.length;
    onProgress(done);
  }
  const [md5, sha256] = [sums.md5.digest("hex"), sums.sha256.digest("hex")];
  if (md5 !== file.md5) return `its MD5 is ${md5}, not ${file.md5}`;
  return sha256 === file.sha256 ? undefined : `its SHA-256 is ${sha256}, not ${file.sha256}`;
}

/** Unpack beside, note what came out, and give the folder its name. */
async function unpack(options: FetchOptions, folder: string): Promise<readonly UnpackedFile[]> {
  const { publication, out, onProgress, signal } = options;
  const beside = `${folder}.part`;
  const remove = (): Promise<void> => rm(beside, { recursive: true, force: true });
  await remove();
  const report = {
    signal,
    onProgress: (done: number) =>
      onProgress?.({ phase: "unpacking", name: publication.folder, done, total: publication.unpackedBytes }),
  };
  const archives = publication.files.map(({ name }) => join(out, name));
  try {
    const files =
      publication.packing === "gz"
        ? await unpackGz(archives, beside, report)
        : await unpackTarGz(archives[0]!, publication.folder, beside, report);
    const record: z.infer<typeof recordSchema> = {
      name: publication.name,
      archives: publication.files.map(({ name, sha256 }) => ({ name, sha256 })),
      files,
    };
    await onDisk(beside, writeFile(join(beside, RECORD), `${JSON.stringify(record, null, 2)}\n`));
    await onDisk(folder, rename(beside, folder));
    return files;
  } catch (error) {
    await remove().catch(() => undefined);
    throw error;
  }
}
