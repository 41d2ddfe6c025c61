/**
 * NumPy's array format, version 1.0
 * (numpy.org/doc/stable/reference/generated/numpy.lib.format.html), for float32 rows that arrive
 * one after another: a header that says type and shape, then the numbers. The header comes first in
 * the file but is known last, so its place is kept.
 */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { explainWriteError, nameBeside, syncFolder } from "../../base/disk/files.node.ts";

/**
 * Long enough for any shape of two numbers, and a multiple of 64, so that the numbers are aligned
 * for memory mapping.
 */
const HEADER_BYTES = 128;

/** The header of a C-ordered little-endian float32 array [rows, columns], 128 bytes. */
export function npyHeader(rows: number, columns: number): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const bytes = new Uint8Array(HEADER_BYTES).fill(0x20);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
  new DataView(bytes.buffer).setUint16(8, HEADER_BYTES - 10, true);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[HEADER_BYTES - 1] = 0x0a;
  return bytes;
}

/** Writes an array row by row. */
export interface NpyWriter {
  readonly rows: number;
  /** @param values whole rows */
  append(values: Float32Array): Promise<void>;
  /** Complete the file and give it its name. */
  finish(): Promise<void>;
  /** Remove what was written, unless it is finished. Safe to call twice. */
  discard(): Promise<void>;
}

/**
 * Begin an array [?, columns] beside `path`, which it becomes when it is finished.
 * @throws UserError when the place is not writable; later, when the disk is full
 */
export async function createNpy(path: string, columns: number): Promise<NpyWriter> {
  const { beside, over } = await nameBeside(path);
  const explained = async <T>(work: () => Promise<T>, needed: number): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw await explainWriteError(error, path, needed);
    }
  };
  let file: FileHandle | undefined = await explained(async () => {
    await rm(beside, { force: true });
    return open(beside, "wx");
  }, HEADER_BYTES);
  let position = HEADER_BYTES;
  let rows = 0;
  const writeAt = async (bytes: Uint8Array, at: number): Promise<void> => {
    for (let done = 0; done < bytes.length; )
      done += (await file!.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  };
  return {
    get rows() {
      return rows;
    },
    async append(values) {
      if (values.length % columns !== 0)
        throw new RangeError(`${values.length} numbers are no rows of ${columns}`);
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      await explained(() => writeAt(bytes, position), bytes.length);
      position += bytes.length;
      rows += values.length / columns;
    },
    async finish() {
      await explained(async () => {
        await writeAt(npyHeader(rows, columns), 0);
        await file!.sync();
        await file!.close();
        file = undefined;
        await rename(beside, path);
        over();
        await syncFolder(dirname(path));
      }, HEADER_BYTES);
    },
    async discard() {
      if (!file) return;
      await file.close();
      file = undefined;
      await rm(beside, { force: true });
      over();
    },
  };
}
