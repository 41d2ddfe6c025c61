/**
 * Reading files that somebody else named: `metadata.csv` may be a pipe that nobody writes to, or a
 * link to /dev/zero, and reading either never ends. Only plain files are read, and no more of them
 * than is expected.
 */
import type { FileHandle } from "node:fs/promises";
import { NO_REGULAR_FILE, openRegularOr } from "../base/disk/regular.node.ts";

/**
 * What is no plain file, or larger than it may be; a system error in form, so that it is told like
 * one.
 */
export class OddFileError extends Error {
  override readonly name = "OddFileError";
  readonly code = "ODD_FILE";
}

/**
 * Opens a plain file for reading.
 * @throws OddFileError for a device, a pipe, a socket; system errors as they are (EISDIR for a
 *   folder)
 */
export const openPlain = (path: string | Buffer): Promise<FileHandle> =>
  openRegularOr(path, () => new OddFileError(`it is ${NO_REGULAR_FILE}`));

/**
 * All bytes of a plain file.
 * @param limit in bytes
 * @throws OddFileError as `openPlain`, and for a file that is larger; system errors as they are
 */
export async function readPlain(path: string | Buffer, limit: number): Promise<Buffer> {
  const file = await openPlain(path);
  try {
    const { size } = await file.stat();
    if (size > limit)
      throw new OddFileError(`it has ${size} bytes, and ${limit} are the most that make sense`);
    // Files of /proc say that they are empty: one byte more is asked for than they say, until there
    // is no more.
    const chunks: Buffer[] = [];
    for (let total = 0; total <= limit; ) {
      const chunk = Buffer.alloc(Math.min(Math.max(size - total, 0) + 4096, limit - total + 1));
      const { bytesRead } = await file.read(chunk, 0, chunk.length);
      if (bytesRead === 0) return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, bytesRead));
      total += bytesRead;
    }
    throw new OddFileError(`it has more than ${limit} bytes, the most that make sense`);
  } finally {
    await file.close();
  }
}
