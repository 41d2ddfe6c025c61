/**
 * The record of a run, `metrics.jsonl`: one JSON document a line, in the order of the steps. Every
 * line reaches the operating system before the next step begins, so killing the process loses at
 * most a part of the last line; the disk is made to keep them before each checkpoint. On resuming,
 * lines after the checkpoint are cut off: those steps are done again.
 */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { truncate } from "node:fs/promises";
import { errorCode, explainWriteError } from "../../base/disk/files.node.ts";
import { endOfLastLine, type Line, readLinesOf } from "../../base/disk/lines.node.ts";
import { openRegular } from "../../base/disk/regular.node.ts";
import { UserError } from "../../base/errors.ts";
import { formatCount } from "../../base/text/format/index.ts";
import type { EndedEvent, RecordLine, StepEvent } from "../events.ts";
import { openOwn, refuseLink } from "../run/folder/own-files.node.ts";
import { isKeptText, parseRecordLine } from "../run/record/record-lines.ts";

/** Appends to a record. */
export interface MetricsWriter {
  /** @throws UserError when the disk is full */
  append(line: RecordLine): Promise<void>;
  /** Make the disk keep what was appended. */
  sync(): void;
  close(): void;
}

/**
 * Open a record for appending, making it if there is none. The file must end in a whole line: see
 * `cutMetrics`.
 */
export function openMetrics(path: string): MetricsWriter {
  refuseLink(path);
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
 * Cut a record back to the lines of steps up to `step` (-1: to nothing), and how it ended and a
 * torn last line in any case. Reads from the end, as records grow long and little is cut; what lies
 * there may be anything, as the zeros after a power cut.
 * @returns whether anything was cut
 * @throws UserError when the record is a link, or no regular file
 */
export async function cutMetrics(path: string, step: number): Promise<boolean> {
  refuseLink(path);
  const file = await openRegular(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (!file) return false;
  let size: number;
  let kept: number;
  try {
    size = (await file.stat()).size;
    const upTo = (line: Buffer): boolean => isKeptText(line.toString("utf8"), step);
    kept = step < 0 ? 0 : await endOfLastLine(file, size, upTo);
  } finally {
    await file.close();
  }
  if (kept < size) await truncate(path, kept);
  return kept < size;
}

/** A record as it was read. */
export interface Metrics {
  readonly lines: readonly RecordLine[];
  /** Lines that could not be read: 1 for a torn last line, more for a damaged file. */
  readonly unreadable: number;
}

/** Lines that are held at a time: those of a run of two million steps. */
const MAX_LINES = 2_000_000;

/**
 * Read a record; empty when there is none.
 * @param kinds of the lines that are kept; all unless given. Those of the steps alone fill the
 * memory
 * @param each told every line, kept or not
 * @throws UserError when it is no regular file, leads out of its folder, or has more lines than can
 * be held
 */
export async function readMetrics(
  path: string,
  kinds?: readonly RecordLine["kind"][],
  each?: (line: RecordLine) => void,
): Promise<Metrics> {
  const file = await openOwn(path);
  if (!file) return { lines: [], unreadable: 0 };
  const lines: RecordLine[] = [];
  let unreadable = 0;
  const take = (bytes: Line): void => {
    const line = bytes && parseRecordLine(bytes.toString("utf8"));
    if (line) each?.(line);
    if (!line) unreadable++;
    else if (!kinds || kinds.includes(line.kind)) lines.push(line);
    if (lines.length > MAX_LINES)
      throw new UserError(
        `${path} has more than ${formatCount(MAX_LINES)} lines, too many to be read as a whole.`,
        "Watch such a run in the studio, which reads its record piece by piece.",
      );
  };
  try {
    const rest = await readLinesOf(file, take);
    if (rest === undefined || rest.length > 0) take(rest);
  } finally {
    await file.close();
  }
  return { lines, unreadable };
}

/** Bytes from the end that hold several steps, whatever is measured in between. */
const TAIL = 1 << 15;

/** The whole lines near the end of a record; none where there is no record. */
async function readTail(path: string): Promise<RecordLine[]> {
  const file = await openRegular(path).catch((error: unknown) => {
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

/**
 * The last step on record, 0 where there is none, and the end of the run where it is the last line.
 */
export async function readEnd(path: string): Promise<{ step: number; ended: EndedEvent | undefined }> {
  const lines = await readTail(path);
  const last = lines.at(-1);
  return { step: lines.findLast(isStep)?.step ?? 0, ended: last?.kind === "ended" ? last : undefined };
}
