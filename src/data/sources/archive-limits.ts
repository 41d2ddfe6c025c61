/**
 * What the readers of archives have in common: what they give, and what they refuse. An archive may announce or unpack to far more than
 * it is itself (a "bomb"); nothing is ever written to the disk, but memory and time must be bounded as well.
 */
import { UserError } from "../../base/errors.ts";

/** One file in an archive; folders and links are not among the entries. */
export interface ArchiveEntry {
  /** With `/`, as the archive has it. */
  readonly path: string;
  /** Bytes unpacked, as announced; more than that are never read. */
  readonly size: number;
  /** Why it cannot be used, if it cannot. */
  readonly problem?: string | undefined;
}

/** An archive with a list of its files. */
export interface OpenArchive {
  readonly entries: readonly ArchiveEntry[];
  /**
   * The bytes of entry `place`. Entries of a tar file should be asked for in order.
   * @throws UnusableImage if this entry is damaged; UserError if the whole archive is
   */
  read(place: number): Promise<Uint8Array>;
  /** The same as text, for tables. */
  text(place: number): Promise<string>;
  close(): Promise<void>;
}

/** Hooks for opening. */
export interface ArchiveOptions {
  /** What to do if the archive is damaged. */
  readonly hint: string;
  readonly onFound?: ((found: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** No image file is larger than this, 256 MiB. */
export const MAXIMUM_ENTRY = 256 * 1024 * 1024;
/** Up to this size unpacked, 1 GiB, nothing is suspicious. */
const HARMLESS = 1024 ** 3;
/** Images are compressed already: archives of them grow by a few per cent. */
const MAXIMUM_RATIO = 200;

/**
 * Refuses an archive that unpacks to far more than images could.
 * @throws UserError if `unpacked` bytes out of `packed` are beyond reason
 */
export function refuseBomb(path: string, packed: number, unpacked: number): void {
  if (unpacked <= HARMLESS || unpacked <= MAXIMUM_RATIO * packed) return;
  throw new UserError(
    `${path} unpacks to more than ${MAXIMUM_RATIO} times its size: this is no archive of images.`,
    "If it is one all the same, unpack it and give the folder.",
  );
}

/** Whether a path leads out of the archive: absolute, with a drive letter, or with `..` in it. */
export function leadsOut(path: string): boolean {
  return path.startsWith("/") || /^[a-z]:/i.test(path) || path.split(/[\\/]/).includes("..");
}
