/**
 * Counts what has been got done, for whoever watches from another thread whether anything still is:
 * entries of archives, pages, pictures. Work that may take long without an answer counts what it
 * does on the way.
 */

const cell = new Int32Array(new SharedArrayBuffer(4));

/** Something got done. */
export function countProgress(): void {
  Atomics.add(cell, 0, 1);
}

/** The memory of the count, to be looked at from another thread. */
export function progressMemory(): SharedArrayBuffer {
  return cell.buffer as SharedArrayBuffer;
}
