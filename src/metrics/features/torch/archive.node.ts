/**
 * The file format of `torch.save` since PyTorch 1.6: a zip archive of uncompressed files,
 * `NAME/data.pkl` with the pickle and `NAME/data/KEY` with the numbers of each storage.
 */
import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { readPickle } from "../../../base/pickle/read.ts";
import { PickleError, type PickleValue } from "../../../base/pickle/values.ts";
import { TENSOR_RULES } from "./tensors.ts";

/** Whether a file begins as a zip archive does. */
export const isArchive = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/**
 * The object that was saved, and the bytes of its storages.
 * @throws PickleError when the file is damaged or not to be trusted
 */
export async function readArchive(bytes: Buffer): Promise<{
  readonly object: PickleValue;
  readonly blocks: ReadonlyMap<string, Uint8Array>;
}> {
  const files = await filesOf(bytes);
  const pickle = [...files.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickle === undefined)
    throw new PickleError("is a zip archive, but not one that torch.save writes (no data.pkl in it)");
  const folder = pickle.slice(0, -"data.pkl".length);
  const order = files.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order) !== "little")
    throw new PickleError("was written on a big-endian machine");
  const blocks = new Map<string, Uint8Array>();
  for (const [name, content] of files)
    if (name.startsWith(`${folder}data/`)) blocks.set(name.slice(folder.length + "data/".length), content);
  return { object: readPickle(files.get(pickle)!, 0, TENSOR_RULES).value, blocks };
}

/** The contents by name, as views of the archive, each compared with its checksum. */
async function filesOf(bytes: Buffer): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const archive = await fromBufferPromise(bytes, { lazyEntries: true }).catch(damaged);
  for await (const entry of entriesOf(archive))
    files.set(entry.fileName, await contentOf(archive, entry, bytes));
  return files;
}

async function* entriesOf(archive: ZipFile): AsyncGenerator<Entry> {
  try {
    yield* archive.eachEntry();
  } catch (error) {
    damaged(error);
  }
}

async function contentOf(archive: ZipFile, entry: Entry, bytes: Buffer): Promise<Uint8Array> {
  const name = JSON.stringify(entry.fileName);
  // torch.save never compresses; an archive that does could be small and yet fill the memory.
  if (entry.compressionMethod !== 0 || entry.isEncrypted())
    throw new PickleError(`has a compressed or encrypted part ${name}, which torch.save does not write`);
  const { fileDataStart: start } = await archive
    .readLocalFileHeaderPromise(entry, { minimal: true })
    .catch(damaged);
  const content = bytes.subarray(start, start + entry.uncompressedSize);
  if (content.length !== entry.uncompressedSize) throw new PickleError(`ends within its part ${name}`);
  if (crc32(content) !== entry.crc32)
    throw new PickleError(`is damaged: its part ${name} does not fit its checksum`);
  return content;
}

function damaged(error: unknown): never {
  if (error instanceof PickleError) throw error;
  throw new PickleError(
    `is a damaged or unfinished zip archive (${error instanceof Error ? error.message : String(error)})`,
  );
}
