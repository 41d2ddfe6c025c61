/**
 * The record of a run, `metrics.jsonl`: one JSON document a line, in the order of the steps. Every line reaches the operating
 * system before the next step begins, so killing the process loses at most a part of the last line; the disk is made to
 * keep them before each checkpoint. On resuming, lines after the checkpoint are cut off: those steps are done again.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import type { EndedEvent, RecordLine, StepEvent } from "./events.ts";
import { errorCode, explainWriteError } from "./files.node.ts";
import { isKept, parseRecord, parseRecordLine } from "./record-lines.ts";

/** Appends to a record. */
export interface MetricsWriter {
  /** @throws UserError when the disk is full */
  append(line: RecordLine): Promise<void>;
  /** Make the disk keep what was appended. */
  sync(): void;
  close(): void;
}

/** Open a record for appending, making it if there is none. The file must end in a whole line: see `cutMetrics`. */
export function openMetrics(path: string): MetricsWriter {
  const file = openSync(path, "a");
  let open = true;
  return {
    async append(line) {
      const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
      try {
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      } catch (error) {
        throw await explainWriteError(error, path, bytes.length);
      }
    },
    sync: () => fsyncSync(file),
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/**
 * Cut a record back to the lines of steps up to `step` (-1: to nothing), and how it ended and a torn last line in any case. Reads from the end,
 * as records grow long and little is cut.
 * @returns whether anything was cut
 */
export function cutMetrics(path: string, step: number): boolean {
  let file: number;
  try {
    file = openSync(path, "r+");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    const kept = keptLength(file, size, step);
    if (kept < size) ftruncateSync(file, kept);
    return kept < size;
  } finally {
    closeSync(file);
  }
}

const CHUNK = 1 << 16;
const NEWLINE = 10;

/** Length of the file up to the end of its last whole line of a step up to `step`. */
function keptLength(file: number, size: number, step: number): number {
  if (step < 0) return 0;
  // `tail` holds the bytes from `start` to `size`; `end` is the end of the line to look at next.
  let tail = Buffer.alloc(0);
  let start = size;
  let end = size;
  const readMore = (): void => {
    const length = Math.min(CHUNK, start);
    const chunk = Buffer.alloc(length);
    readSync(file, chunk, 0, length, start - length);
    start -= length;
    tail = Buffer.concat([chunk, tail.subarray(0, end - start - length)]);
  };
  /** Where in `tail` the newline before the line is; the line's own, if it has one, is at `end - 1`. */
  const newlineBefore = (): number => (end - start < 2 ? -1 : tail.lastIndexOf(NEWLINE, end - start - 2));
  while (end > 0) {
    let before = newlineBefore();
    while (before < 0 && start > 0) {
      readMore();
      before = newlineBefore();
    }
    const begin = start + before + 1;
    const line = tail.subarray(before + 1, end - start);
    const parsed = line.at(-1) === NEWLINE ? parseRecordLine(line.toString("utf8")) : undefined;
    if (parsed && isKept(parsed, step)) return end;
    end = begin;
  }
  return 0;
}

/** A record as it was read. */
export interface Metrics {
  readonly lines: readonly RecordLine[];
  /** Lines that could not be read: 1 for a torn last line, more for a damaged file. */
  readonly unreadable: number;
}

/** Read a whole record; empty when there is none. */
export async function readMetrics(path: string): Promise<Metrics> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return "";
    // Opening a folder succeeds, and reading it fails without its name.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  });
  return parseRecord(text);
}

/** Bytes from the end that hold several steps, whatever is measured in between. */
const TAIL = 1 << 15;

/** The whole lines near the end of a record; none where there is no record. */
async function readTail(path: string): Promise<RecordLine[]> {
  const file = await open(path, "r").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const length = Math.min(TAIL, size);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    // The first line may be a part of one, and the last too.
    const lines = buffer
      .toString("utf8")
      .split("\n")
      .slice(size > length ? 1 : 0, -1);
    return lines.map(parseRecordLine).filter((line) => line !== undefined);
  } finally {
    await file.close();
  }
}

const isStep = (line: RecordLine): line is StepEvent => line.kind === "step";

/** The last whole step on record, read from the end; undefined where there is none near it. */
export const readLastStep = async (path: string): Promise<StepEvent | undefined> =>
  (await readTail(path)).findLast(isStep);

/** The last step on record, 0 where there is none, and the end of the run where it is the last line. */
export async function readEnd(path: string): Promise<{ step: number; ended: EndedEvent | undefined }> {
  const lines = await readTail(path);
  const last = lines.at(-1);
  return { step: lines.findLast(isStep)?.step ?? 0, ended: last?.kind === "ended" ? last : undefined };
}
