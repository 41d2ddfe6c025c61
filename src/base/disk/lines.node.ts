/**
 * Lines of a file that may be of any length and hold anything: read in pieces, with a limit to the
 * length of a line.
 */
import type { FileHandle } from "node:fs/promises";

const CHUNK = 1 << 20;
const NEWLINE = 10;

/**
 * Bytes of the longest line that is looked at: a step is some 500, a measurement some thousands.
 */
export const LONGEST_LINE = 1 << 20;

/** A line, or undefined for one that is too long to be looked at. */
export type Line = Buffer | undefined;

/**
 * Call `take` with every line that is not empty, in their order, without its newline.
 * @param take the bytes are only lent: the next call overwrites them
 * @returns the bytes after the last newline, as `take` would get them; empty when there are none
 */
export async function readLinesOf(
  file: FileHandle,
  take: (line: Line) => void,
  longest = LONGEST_LINE,
): Promise<Line> {
  // What there is of the line that is not whole yet lies at the beginning, then what is read next.
  const buffer = Buffer.allocUnsafe(longest + CHUNK);
  let held = 0;
  let tooLong = false;
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, held, CHUNK, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const filled = held + bytesRead;
    let begin = 0;
    let search = held;
    for (;;) {
      // A file may consist of newlines, and a search for each of them would take long.
      while (search === begin && search < filled && buffer[search] === NEWLINE) {
        if (tooLong) take(undefined);
        tooLong = false;
        begin = ++search;
      }
      const end = search < filled ? buffer.indexOf(NEWLINE, search) : -1;
      if (end < 0 || end >= filled) break;
      take(tooLong || end - begin > longest ? undefined : buffer.subarray(begin, end));
      tooLong = false;
      begin = end + 1;
      search = begin;
    }
    held = filled - begin;
    if (tooLong || held > longest) {
      tooLong = true;
      held = 0;
    } else buffer.copyWithin(0, begin, filled);
  }
  return tooLong ? undefined : buffer.subarray(0, held);
}

/** Bytes of a file from `start` on, as far as there are any. */
async function bytesAt(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/**
 * Look at the whole lines of a file from its end on, until `isLast` says yes.
 * @param size bytes of the file
 * @param isLast called with each line that is neither empty nor too long, without its newline
 * @returns where that line ends, behind its newline; 0 when there is none
 */
export async function endOfLastLine(
  file: FileHandle,
  size: number,
  isLast: (line: Buffer) => boolean,
  longest = LONGEST_LINE,
): Promise<number> {
  let chunk: Buffer = Buffer.alloc(0);
  let start = size;
  /** The byte at `at`, which goes down by one from call to call. */
  const byteAt = async (at: number): Promise<number> => {
    if (at < start) {
      const from = Math.max(0, at + 1 - CHUNK);
      chunk = await bytesAt(file, from, at + 1 - from);
      start = from;
    }
    return chunk[at - start]!;
  };
  // Where the newline of the line at hand is; undefined while only bytes of a torn one have been met.
  let newline: number | undefined;
  for (let at = size - 1; at >= -1; at--) {
    // Waiting for every byte would take long: only for those that are not there yet.
    const byte = at < 0 ? NEWLINE : at >= start ? chunk[at - start]! : await byteAt(at);
    if (byte !== NEWLINE) continue;
    const length = newline === undefined ? 0 : newline - at - 1;
    if (newline !== undefined && length > 0 && length <= longest) {
      const inside = at + 1 >= start && newline <= start + chunk.length;
      const line = inside
        ? chunk.subarray(at + 1 - start, newline - start)
        : await bytesAt(file, at + 1, length);
      if (isLast(line)) return newline + 1;
    }
    newline = at < 0 ? undefined : at;
  }
  return 0;
}
