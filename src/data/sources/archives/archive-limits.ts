/**
 * What the readers of archives have in common: what they give, and what they refuse. An archive may
 * announce or unpack to far more than it is itself (a "bomb"); nothing is ever written to the disk,
 * but memory and time must be bounded as well.
 */
import { UserError } from "../../../base/errors.ts";

/** What an archive says of one of its entries. */
interface Entry {
  /** With `/`, as the archive has it. */
  readonly path: string;
  /** Bytes unpacked, as announced; more than that are never read. 0 for folders and links. */
  readonly size: number;
}

/** One entry of an archive. What links lead to is in `archive-tree.node.ts`. */
export type ArchiveEntry =
  | (Entry & {
      readonly kind: "file";
      /** Why it cannot be used, if it cannot. */
      readonly problem?: string | undefined;
    })
  | (Entry & { readonly kind: "folder" })
  /**
   * `target` is from the archive's top for a hard link, from the link's folder for a symbolic one.
   */
  | (Entry & { readonly kind: "hard link" | "symbolic link"; readonly target: string });

/** An archive with a list of what is in it. */
export interface OpenArchive {
  readonly entries: readonly ArchiveEntry[];
  /**
   * The bytes of entry `place`, a file. Entries of a tar file should be asked for in order.
   * @throws UnusableImage if this entry is damaged; UserError if the whole archive is
   */
  read(place: number): Promise<Uint8Array>;
  /** The same for tables, in any order. @throws UserError if it cannot be read */
  table(place: number): Promise<Uint8Array>;
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
