/**
 * Tar files, plain or gzipped, by modern-tar. There is no list of files: one pass finds them all, and a second gives their contents, in
 * order. An entry before the present place starts the second pass again, which is right but slow.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { UserError } from "../../base/errors.ts";
import { countProgress } from "../progress.ts";
import {
  type ArchiveEntry,
  type ArchiveOptions,
  MAXIMUM_ENTRY,
  type OpenArchive,
  refuseBomb,
} from "./archive-limits.ts";
import { METADATA_NAMES } from "./metadata.node.ts";
import { cannotRead } from "./raw.node.ts";

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
  const texts = new Map<number, string>();
  try {
    const packed = (await stat(path)).size;
    let unpacked = 0;
    for await (const { header, body } of files(path)) {
      signal?.throwIfAborted();
      unpacked += header.size;
      refuseBomb(path, packed, unpacked);
      const isTable =
        METADATA_NAMES.some((name) => header.name.endsWith(name)) && header.size <= MAXIMUM_ENTRY;
      if (isTable) texts.set(entries.length, new TextDecoder().decode(await collect(body)));
      else await body.cancel();
      entries.push({ path: header.name, size: header.size });
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
    text: async (place) => texts.get(place) ?? "",
    close: reader.close,
  };
}

/** The files in the archive, in order; the body of each must be read or cancelled before the next. */
async function* files(path: string): AsyncGenerator<ParsedTarEntry> {
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  const bytes = /gz$/i.test(path) ? pipeline(source, createGunzip(), () => undefined) : source;
  // Strict: a wrong checksum is an error and not the quiet end of the archive.
  const decoder = createTarDecoder({ strict: true });
  const piping = (Readable.toWeb(bytes) as ReadableStream<Uint8Array>).pipeTo(decoder.writable);
  piping.catch(() => undefined);
  try {
    for await (const entry of decoder.readable) {
      countProgress();
      if (entry.header.type === undefined || entry.header.type === "file") yield entry;
      else await entry.body.cancel();
    }
    await piping;
  } finally {
    source.destroy();
    bytes.destroy();
  }
}

/** Reads entries by number, one after the other. */
function sequentialReader(path: string): Pick<OpenArchive, "read" | "close"> {
  let pass: AsyncGenerator<ParsedTarEntry> | undefined;
  let next = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const advance = async (place: number): Promise<Uint8Array> => {
    if (!pass || place < next) {
      await pass?.return(undefined);
      pass = files(path);
      next = 0;
    }
    for (;;) {
      const { value, done } = await pass.next();
      if (done) throw new Error("it ends too early: it has changed");
      if (next++ === place) return await collect(value.body);
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
