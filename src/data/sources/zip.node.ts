/** Zip files, by yauzl: the list of files is at the end, and each file can be read on its own. */
import { stat } from "node:fs/promises";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { UserError } from "../../base/errors.ts";
import { countProgress } from "../progress.ts";
import { type ArchiveOptions, type OpenArchive, refuseBomb } from "./archive-limits.ts";
import { cannotRead } from "./raw.node.ts";
import { UnusableImage } from "./source.ts";

/**
 * Opens the zip file at `path`.
 * @throws UserError if it is damaged, no zip file, or a bomb
 */
export async function openZip(path: string, { hint, onFound, signal }: ArchiveOptions): Promise<OpenArchive> {
  const explain = (error: unknown): unknown => {
    if (error instanceof UserError || signal?.aborted) return error;
    if ((error as NodeJS.ErrnoException).syscall) return cannotRead(path, error, hint);
    return new UserError(`${path} is damaged or is no zip file: ${messageOf(error)}.`, hint, {
      cause: error,
    });
  };
  let zip: ZipFile;
  try {
    // Names are decoded below: left to yauzl, one bad name would make the whole file unreadable.
    zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false });
  } catch (error) {
    throw explain(error);
  }
  try {
    const packed = (await stat(path)).size;
    const entries: { path: string; size: number; problem: string | undefined; entry: Entry }[] = [];
    let unpacked = 0;
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      countProgress();
      const name = nameOf(entry);
      if (name.endsWith("/")) continue;
      unpacked += entry.uncompressedSize;
      refuseBomb(path, packed, unpacked);
      entries.push({ path: name, size: entry.uncompressedSize, problem: problemOf(entry), entry });
      if (entries.length % 1000 === 0) onFound?.(entries.length);
    }
    onFound?.(entries.length);
    const read = async (place: number): Promise<Uint8Array> => {
      try {
        return await readEntry(zip, entries[place]!.entry);
      } catch (error) {
        throw new UnusableImage(`damaged: ${messageOf(error)}`, { cause: error });
      }
    };
    return {
      entries,
      read,
      text: async (place) => {
        try {
          return new TextDecoder().decode(await readEntry(zip, entries[place]!.entry));
        } catch (error) {
          throw explain(error);
        }
      },
      close: async () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw explain(error);
  }
}

/** yauzl ends a stream that is longer or shorter than announced with an error. */
async function readEntry(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  return yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
}

function problemOf(entry: Entry): string | undefined {
  if (entry.isEncrypted()) return "encrypted";
  if (!entry.canDecodeFileData())
    return `compressed by a method that cannot be read (${entry.compressionMethod})`;
  return undefined;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}
