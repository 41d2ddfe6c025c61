/**
 * Tar files, plain or gzipped, by modern-tar. There is no list of files: one pass finds them all,
 * and a second gives their contents, in order. An entry before the present place starts the second
 * pass again, which is right but slow.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { createTarDecoder, type ParsedTarEntry, type TarHeader } from "modern-tar";
import { NO_REGULAR_FILE } from "../../../base/disk/regular.node.ts";
import { UserError } from "../../../base/errors.ts";
import { countProgress } from "../../progress.ts";
import { isMetadata } from "../labels/metadata-names.ts";
import { cannotRead } from "../raw.node.ts";
import {
  type ArchiveEntry,
  type ArchiveOptions,
  MAXIMUM_ENTRY,
  type OpenArchive,
  refuseBomb,
} from "./archive-limits.ts";

/**
 * Opens the tar file at `path`; gzipped if its name ends in `gz`.
 * @throws UserError if it is damaged, no tar file, or a bomb
 */
export async function openTar(path: string, { hint, onFound, signal }: ArchiveOptions): Promise<OpenArchive> {
  const explain = (error: unknown): unknown => {
    if (error instanceof UserError || signal?.aborted) return error;
    if ((error as NodeJS.ErrnoException).syscall) return cannotRead(path, error, hint);
    const text = error instanceof Error ? error.message : String(error);
    return new UserError(`${path} is damaged or is no tar file: ${text}.`, hint, { cause: error });
  };
  const entries: ArchiveEntry[] = [];
  const tables = new Map<number, Uint8Array>();
  try {
    const packed = (await stat(path)).size;
    let unpacked = 0;
    for await (const { header, body } of tarEntries(path)) {
      signal?.throwIfAborted();
      const entry = entryOf(header);
      unpacked += entry.size;
      refuseBomb(path, packed, unpacked);
      if (entry.kind === "file" && isMetadata(entry.path) && entry.size <= MAXIMUM_ENTRY)
        tables.set(entries.length, await collect(body));
      else await body.cancel();
      entries.push(entry);
      if (entries.length % 1000 === 0) onFound?.(entries.length);
    }
  } catch (error) {
    throw explain(error);
  }
  onFound?.(entries.length);
  const reader = sequentialReader(path);
  return {
    entries,
    read: (place) =>
      reader.read(place).catch((error: unknown) => {
        throw explain(error);
      }),
    table: async (place) => tables.get(place) ?? reader.read(place),
    close: reader.close,
  };
}

/** What a header says. */
function entryOf({ name: path, type, size, linkname = "", pax = {} }: TarHeader): ArchiveEntry {
  if (type === "directory") return { kind: "folder", path, size: 0 };
  if (type === "link") return { kind: "hard link", path, size: 0, target: linkname };
  if (type === "symlink") return { kind: "symbolic link", path, size: 0, target: linkname };
  const sparse = Object.keys(pax).some((key) => key.startsWith("GNU.sparse."));
  return {
    ...{ kind: "file", path: (sparse && pax["GNU.sparse.name"]) || path, size },
    problem: DEVICES.has(type)
      ? NO_REGULAR_FILE
      : sparse
        ? "stored as a sparse file: make the archive without --sparse"
        : undefined,
  };
}

const DEVICES = new Set<TarHeader["type"]>(["character-device", "block-device", "fifo"]);
/** What unpacking would make something of. */
const KINDS = new Set<TarHeader["type"]>([undefined, "file", "directory", "link", "symlink", ...DEVICES]);

/**
 * The entries of a tar file, in order; the body of each must be read or canceled before the next.
 * @param path of the file, gzipped if its name ends in `gz`
 * @throws Error for a damaged file, and none that is a tar file
 */
export async function* tarEntries(path: string): AsyncGenerator<ParsedTarEntry> {
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  const bytes = /gz$/i.test(path) ? pipeline(source, createGunzip(), () => undefined) : source;
  // Strict: a wrong checksum is an error and not the quiet end of the archive.
  const decoder = createTarDecoder({ strict: true });
  const piping = (Readable.toWeb(bytes) as ReadableStream<Uint8Array>).pipeTo(decoder.writable);
  piping.catch(() => undefined);
  try {
    for await (const entry of decoder.readable) {
      countProgress();
      if (KINDS.has(entry.header.type)) yield entry;
      else await entry.body.cancel();
    }
    await piping;
  } finally {
    source.destroy();
    bytes.destroy();
  }
}

/** Reads entries by number, one after the other. The last one is kept, as links to it come next. */
function sequentialReader(path: string): Pick<OpenArchive, "read" | "close"> {
  let last: { readonly place: number; readonly bytes: Uint8Array } | undefined;
  let pass: AsyncGenerator<ParsedTarEntry> | undefined;
  let next = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const advance = async (place: number): Promise<Uint8Array> => {
    if (last?.place === place) return last.bytes;
    if (!pass || place < next) {
      await pass?.return(undefined);
      pass = tarEntries(path);
      next = 0;
    }
    for (;;) {
      const { value, done } = await pass.next();
      if (done) throw new Error("it ends too early: it has changed");
      if (next++ === place) {
        last = { place, bytes: await collect(value.body) };
        return last.bytes;
      }
      await value.body.cancel();
    }
  };
  return {
    read(place) {
      const reading = turn.then(() => advance(place));
      turn = reading.catch(() => undefined);
      return reading;
    },
    async close() {
      await turn;
      await pass?.return(undefined);
    },
  };
}

async function collect(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
