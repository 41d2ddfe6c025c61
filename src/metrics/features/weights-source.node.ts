/**
 * A weights file from the disk or the web, and whether it is the one it is meant to be. PyTorch's
 * published files carry the first eight digits of their SHA-256 in their names (torch.hub's
 * convention), so that a broken download is found out.
 */

import { rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { sha256 } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { readRegular } from "../../base/disk/regular.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { download, partOf } from "../../data/fetch/download.node.ts";
import { ask } from "../../data/fetch/http.node.ts";
import { explainCache } from "./installed.node.ts";

/** A weights file. */
export interface WeightsFile {
  readonly bytes: Buffer;
  readonly sha256: string;
  /** Its name, for messages. */
  readonly name: string;
  /** Remove what was downloaded, once it is not needed any more. */
  discard(): Promise<void>;
}

/** How to get one. */
export interface WeightsRequest {
  /** A path, or an address beginning with http:// or https://. */
  readonly from: string;
  /** First digits of the SHA-256 it must have, hexadecimal; those in its name unless given. */
  readonly checksum?: string | undefined;
  /** Where a download is kept until it is whole. */
  readonly folder: string;
  /** Bytes so far and altogether. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly onRetry?: ((reason: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Published networks have some 100 MB. */
const WEIGHTS = { max: 2_000_000_000, what: "a file of weights" } as const;

/** Milliseconds without a byte after which a connection is given up. */
const STALL_MS = 30_000;

/**
 * Read or download a weights file.
 * @throws UserError when there is no such file, the download breaks, or the file is not the one its
 * checksum belongs to
 */
export async function readWeights(request: WeightsRequest): Promise<WeightsFile> {
  const { from, checksum } = request;
  if (checksum !== undefined && !/^[0-9a-f]{8,64}$/i.test(checksum))
    throw new UserError(
      `${option("checksum", checksum)} is no SHA-256.`,
      "Give its hexadecimal digits, at least the first eight.",
    );
  const url = /^https?:\/\//i.test(from) ? from : undefined;
  const file = url === undefined ? await fromDisk(from) : await fromWeb(url, request);
  const expected = (checksum ?? hashInName(file.name))?.toLowerCase();
  if (expected !== undefined && !file.sha256.startsWith(expected)) {
    await file.discard();
    throw new UserError(
      `${file.name} is damaged or another file: its SHA-256 begins ${file.sha256.slice(0, expected.length)}, not ${expected}.`,
      url === undefined ? "Download it again." : "Run the same command again, or give another address.",
    );
  }
  return file;
}

/** `inception_v3_google-0cc3c7bd.pth` → `0cc3c7bd` */
export const hashInName = (name: string): string | undefined => /-([0-9a-f]{8,64})\.[^.]+$/.exec(name)?.[1];

async function fromDisk(path: string): Promise<WeightsFile> {
  const bytes = await readRegular(path, WEIGHTS).catch((error: NodeJS.ErrnoException) => {
    const reason = {
      ENOENT: "is not there",
      ENOTDIR: "is not there",
      EISDIR: "is a folder",
      EACCES: "may not be read",
    }[error.code ?? ""];
    if (reason === undefined) throw error;
    throw new UserError(`${path} ${reason}.`, `Give the path of a weights file after ${option("from")}.`, {
      cause: error,
    });
  });
  return { bytes, sha256: sha256(bytes), name: basename(path), discard: async () => undefined };
}

async function fromWeb(url: string, request: WeightsRequest): Promise<WeightsFile> {
  const { folder, onProgress, onRetry, signal } = request;
  if (!URL.canParse(url))
    throw new UserError(
      `${url} is not a web address.`,
      "Give one as https://example.org/weights.pth, or a path.",
    );
  const name = basename(new URL(url).pathname) || "weights";
  const path = join(folder, name);
  const { part, note } = partOf(path);
  return explainCache(folder, async () => {
    await makeFolder(folder);
    const total = await lengthOf(url, signal);
    onProgress?.(0, total);
    await download({
      ...{ url, path, bytes: total, signal, onRetry, stallMs: STALL_MS },
      elsewhere: `another address after ${option("from")}`,
      onProgress: (done) => onProgress?.(done, total),
    });
    await rename(part, path);
    await rm(note, { force: true });
    const bytes = await readRegular(path, WEIGHTS);
    return { bytes, sha256: sha256(bytes), name, discard: () => rm(path, { force: true }) };
  });
}

/** Bytes that the server says the file has. */
async function lengthOf(url: string, signal: AbortSignal | undefined): Promise<number> {
  const answer = await ask(url, { headers: {}, stallMs: STALL_MS, signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${url} cannot be reached (${error instanceof Error ? error.message : String(error)}).`,
      "Check the address and the connection. A file that was downloaded otherwise can be given by its path.",
      { cause: error },
    );
  });
  answer.body.destroy();
  const length = Number(answer.headers["content-length"]);
  if (answer.status !== 200)
    throw new UserError(
      `${url}: the server answers ${answer.status}.`,
      "Look whether the address has changed.",
    );
  if (!Number.isSafeInteger(length) || length < 1)
    throw new UserError(
      `${url}: the server does not say how long the file is.`,
      `Download it with a browser and give its path after ${option("from")}.`,
    );
  return length;
}
