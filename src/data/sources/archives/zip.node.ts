/** Zip files, by yauzl: the list of files is at the end, and each file can be read on its own. */
import { stat } from "node:fs/promises";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { firstLineOf, UserError } from "../../../base/errors.ts";
import { countProgress } from "../../progress.ts";
import { cannotRead } from "../raw.node.ts";
import { UnusableImage } from "../source.ts";
import { type ArchiveEntry, type ArchiveOptions, type OpenArchive, refuseBomb } from "./archive-limits.ts";

/**
 * Opens the zip file at `path`.
 * @throws UserError if it is damaged, no zip file, or a bomb
 */
export async function openZip(path: string, { hint, onFound, signal }: ArchiveOptions): Promise<OpenArchive> {
  const explain = (error: unknown): unknown => {
    if (error instanceof UserError || signal?.aborted) return error;
    if ((error as NodeJS.ErrnoException).syscall) return cannotRead(path, error, hint);
    return new UserError(`${path} is damaged or is no zip file: ${firstLineOf(error)}.`, hint, {
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
    const entries: ArchiveEntry[] = [];
    const sources: Entry[] = [];
    let unpacked = 0;
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      countProgress();
      unpacked += entry.uncompressedSize;
      refuseBomb(path, packed, unpacked);
      entries.push(await entryOf(zip, entry));
      sources.push(entry);
      if (entries.length % 1000 === 0) onFound?.(entries.length);
    }
    onFound?.(entries.length);
    const read = async (place: number): Promise<Uint8Array> => {
      try {
        return await readEntry(zip, sources[place]!);
      } catch (error) {
        throw new UnusableImage(`damaged: ${firstLineOf(error)}`, { cause: error });
      }
    };
    return {
      entries,
      read,
      table: async (place) => {
        try {
          return await readEntry(zip, sources[place]!);
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

/** What the directory says of an entry; what a symbolic link leads to is its contents. */
async function entryOf(zip: ZipFile, entry: Entry): Promise<ArchiveEntry> {
  const [path, size] = [nameOf(entry), entry.uncompressedSize];
  if (path.endsWith("/")) return { kind: "folder", path, size: 0 };
  const problem = problemOf(entry);
  if (!isLink(entry)) return { kind: "file", path, size, problem };
  if (problem !== undefined || size > MAXIMUM_TARGET)
    return { kind: "file", path, size, problem: problem ?? "a link that leads nowhere" };
  try {
    const target = new TextDecoder().decode(await readEntry(zip, entry));
    return { kind: "symbolic link", path, size: 0, target };
  } catch (error) {
    return { kind: "file", path, size, problem: `damaged: ${firstLineOf(error)}` };
  }
}

/** The kind of a file in the upper half of its attributes, where Unix or macOS made the entry. */
const [UNIX, MACOS, KIND, LINK] = [3, 19, 0xf000, 0xa000];
/** No path is longer, in bytes. */
const MAXIMUM_TARGET = 4096;

function isLink({ versionMadeBy, externalFileAttributes }: Entry): boolean {
  const system = versionMadeBy >>> 8;
  return (system === UNIX || system === MACOS) && ((externalFileAttributes >>> 16) & KIND) === LINK;
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
