/**
 * One file from the web, resumed where it broke off: what has arrived is kept under the name with
 * `.part`, with a note beside it (`.part.json`) of where it came from and which version it is.
 * Continuing asks for the rest of that very version (RFC 9110, §13.1.5 If-Range, §14 Range); a
 * server that does not know ranges, or has another version by now, sends the whole again.
 */

import { open, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { readJsonFile } from "../../base/disk/regular.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { systemProblem } from "../../base/system-problems.ts";
import { formatBytes } from "../../base/text/format/index.ts";
import { withoutSecrets } from "../../base/text/secrets.ts";
import { writeAll } from "../disk.node.ts";
import { type Answer, ask } from "./http.node.ts";

/** What to download. */
export interface DownloadOptions {
  readonly url: string;
  /** The finished file is left at `${path}.part`: it has yet to be checked. */
  readonly path: string;
  /** Bytes it must have. */
  readonly bytes: number;
  /**
   * What to try when this address does not work, to stand after "try"; `another --mirror` unless
   * given.
   */
  readonly elsewhere?: string | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Told when a connection broke and is tried again. */
  readonly onRetry?: ((reason: string) => void) | undefined;
  /** Ends the download; what has arrived stays for another time. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which a connection is given up; 30,000 unless given. */
  readonly stallMs?: number | undefined;
  /**
   * Milliseconds before a connection is tried again after the n-th failure in a row; 1 s, 2 s, 4 s
   * … unless given.
   */
  readonly pauseMs?: ((failures: number) => number) | undefined;
}

/** Attempts in a row that bring nothing before it is given up. */
const ATTEMPTS = 5;

/** Where a part came from. */
interface Note {
  /** Without its secrets. */
  readonly url: string;
  /** A strong ETag, or the time of the last change; null if the server gave neither. */
  readonly validator: string | null;
}

const noteSchema: z.ZodType<Note> = z.object({ url: z.string(), validator: z.string().nullable() });

const elsewhereOf = (options: DownloadOptions): string => options.elsewhere ?? `another ${option("mirror")}`;

/** Names of the files of a download in progress. */
export function partOf(path: string): { part: string; note: string } {
  return { part: `${path}.part`, note: `${path}.part.json` };
}

/**
 * Download to `${path}.part`.
 * @returns whether any of it was there from an earlier attempt
 * @throws UserError if the server refuses, offers something else, or cannot be reached after
 * several attempts; the signal's reason
 */
export async function download(options: DownloadOptions): Promise<{ resumed: boolean }> {
  const { url, path, bytes, signal } = options;
  const { part } = partOf(path);
  let resumed = false;
  let furthest = await sizeOf(part);
  for (let failures = 0; ; ) {
    signal?.throwIfAborted();
    const before = await sizeOf(part);
    try {
      resumed = (await attempt(options, before)) || resumed;
      return { resumed };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof UserError) throw error;
      const reason = reasonOf(error);
      const size = await sizeOf(part);
      failures = size > furthest ? 0 : failures + 1;
      furthest = Math.max(furthest, size);
      if (failures === ATTEMPTS)
        throw new UserError(
          `${url} could not be downloaded (${reason}).`,
          `${size > 0 ? `${formatBytes(size)} of ${formatBytes(bytes)} are kept: the same command goes on from there. If it does not help, try` : "Nothing has arrived. Check the connection, or try"} ${elsewhereOf(options)}.`,
          { cause: error },
        );
      options.onRetry?.(reason);
      const wait = options.pauseMs ?? ((n: number) => 1000 * 2 ** Math.max(0, n - 1));
      await pause(wait(failures), undefined, signal ? { signal } : {}).catch(() => undefined);
    }
  }
}

/** One connection. @returns whether it went on from an earlier part */
async function attempt(options: DownloadOptions, size: number): Promise<boolean> {
  const { url, path, bytes, signal, stallMs = 30_000 } = options;
  const { part, note } = partOf(path);
  const known = await readNote(note);
  const from = known && size <= bytes ? size : 0;
  if (from === bytes) return true;
  // Another server's copy is the same file, or else its checksums will tell; only the version is this server's own matter.
  const validator = known?.url === withoutSecrets(url) ? known.validator : null;
  const headers: Record<string, string> = {};
  if (from > 0) headers.range = `bytes=${from}-`;
  if (from > 0 && validator) headers["if-range"] = validator;
  const answer = await ask(url, { headers, stallMs, signal });
  try {
    const start = startOf(options, answer, from, validator);
    if (start === undefined) {
      // Neither the rest nor the whole: forget the part, and ask for the whole.
      await rm(part, { force: true });
      throw new Error("the server no longer has this version of the file");
    }
    checkOffer(options, answer, start);
    const now: Note = { url: withoutSecrets(url), validator: validatorOf(answer.headers) };
    await onDisk(note, writeFile(note, JSON.stringify(now)));
    await receive(options, answer, start);
    return start > 0;
  } finally {
    answer.body.destroy();
  }
}

/**
 * Where the body of an answer belongs; undefined if nowhere.
 * @throws UserError if there is no body to be had
 */
function startOf(
  options: DownloadOptions,
  { status, headers }: Answer,
  from: number,
  validator: string | null,
): number | undefined {
  if (status === 200) return 0;
  if (status === 206) {
    const range = /^bytes (\d+)-/.exec(headers["content-range"] ?? "");
    const changed = validator !== null && validator !== validatorOf(headers);
    return range && Number(range[1]) === from && !changed ? from : undefined;
  }
  if (status === 416) return undefined;
  if (status === 408 || status === 429 || status >= 500) throw new Error(`the server answers ${status}`);
  throw new UserError(
    `The server answers ${status}${status === 404 || status === 410 ? ": the file is not there" : ""}.`,
    `Look whether the address has changed, and try ${elsewhereOf(options)}.`,
  );
}

/**
 * @throws UserError if what is offered cannot be the published file, such as the page of a hotel's
 * network
 */
function checkOffer(options: DownloadOptions, { headers }: Answer, start: number): void {
  const { url, bytes } = options;
  const length = headers["content-length"];
  if (length === undefined || start + Number(length) === bytes) return;
  throw new UserError(
    `${url} is offered with ${start + Number(length)} bytes, where the published file has ${bytes}.`,
    `Something else is at this address, or stands between: open it in a browser, or try ${elsewhereOf(options)}.`,
  );
}

async function receive(options: DownloadOptions, answer: Answer, start: number): Promise<void> {
  const { url, path, bytes, onProgress } = options;
  const { part } = partOf(path);
  const file = await onDisk(part, open(part, start === 0 ? "w" : "r+"));
  try {
    let at = start;
    onProgress?.(at);
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      if (at + chunk.length > bytes)
        throw new UserError(
          `${url} sends more than the ${bytes} bytes of the published file.`,
          `Something else is at this address: try ${elsewhereOf(options)}.`,
        );
      await onDisk(part, writeAll(file, chunk, at));
      at += chunk.length;
      onProgress?.(at);
    }
    if (at < bytes) throw new Error(`it ended after ${at} of ${bytes} bytes`);
    await onDisk(part, file.sync());
  } finally {
    await file.close();
  }
}

/**
 * Failures of the disk are not the network's: there is no use in trying again.
 * @throws UserError
 */
export async function onDisk<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC")
      throw new UserError(
        `The disk is full: ${path} cannot be written (${code}).`,
        `Make room and run the same command again: it goes on from what is there. Or name another place with ${option("out")}.`,
        { cause: error },
      );
    const problem = systemProblem(code);
    if (!problem) throw error;
    throw new UserError(
      `${path} cannot be written: ${problem.what} (${code}).`,
      `${problem.remedy} The same command goes on from what is there; ${option("out")} names another place.`,
      { cause: error },
    );
  }
}

/** Node calls a connection that broke in the middle of an answer "aborted". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === "aborted" ? "the connection broke off" : error.message || error.name;
}

/** Weak ETags do not promise equal bytes. */
function validatorOf(headers: Answer["headers"]): string | null {
  const { etag } = headers;
  if (etag !== undefined && !etag.startsWith("W/")) return etag;
  return headers["last-modified"] ?? null;
}

async function readNote(path: string): Promise<Note | undefined> {
  // Without a note that can be read the file is downloaded from its beginning.
  return readJsonFile(path, { schema: noteSchema, hint: "" }).catch(() => undefined);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
