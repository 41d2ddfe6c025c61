/**
 * LSUN and other LMDB files whose values are encoded images (WebP, JPEG, PNG …), under any keys, in
 * the order of the keys. Without labels. The last 1 % is the test part, as compare_gan divides
 * LSUN. https://github.com/fyu/lsun
 */

import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { decodeImage } from "../decode/decode.node.ts";
import { type Lmdb, type LmdbEntry, LmdbError, openLmdb } from "../formats/lmdb.node.ts";
import { cannotRead, fileState } from "./raw.node.ts";
import type { Listing, ListRequest, SourceDefinition } from "./source.ts";
import { lastPart } from "./split.ts";

const FILE = "data.mdb";
const WHERE = `Give the folder that holds ${FILE}; for LSUN, unpack for example bedroom_train_lmdb.zip and give bedroom_train_lmdb.`;

/** compare_gan divides LSUN so, as its own validation part of 300 images is too small for FID. */
const LSUN = { oneIn: 100, title: "The last 1 %", after: "compare_gan's LSUN" };

/** The source definition. */
export const lmdb: SourceDefinition = {
  name: "lmdb",
  usage: "lmdb:PATH",
  description: `LSUN or another LMDB of encoded images; PATH is the folder with ${FILE}`,
  recognizes: (path) => existsSync(join(path, FILE)) || (basename(path) === FILE && existsSync(path)),
  list,
};

async function list({ location, split, onFound, signal }: ListRequest): Promise<Listing> {
  if (location === "") throw new UserError("lmdb needs a path.", `Write lmdb:PATH. ${WHERE}`);
  const path = await dataFile(resolve(location));
  const folder = basename(path) === FILE ? dirname(path) : path;
  const { fingerprint } = await fileState(path, WHERE);
  const database = await openLmdb(path).catch((error: unknown) => {
    throw explain(path, error);
  });
  try {
    const entries: { at: number; length: number }[] = [];
    const keys: string[] = [];
    for await (const page of database.walk()) {
      signal?.throwIfAborted();
      for (const { key, at, length } of page) {
        entries.push({ at, length });
        keys.push(keyText(key));
      }
      onFound?.(entries.length);
    }
    if (entries.length === 0) throw new UserError(`${path} is an empty LMDB.`, WHERE);
    const part = lastPart(entries.length, split, LSUN, folder);
    return {
      name: basename(folder),
      source: `lmdb:${folder}`,
      identity: [path, fingerprint, String(entries.length)],
      paths: part.indices.map((index) => keys[index]!),
      skipped: [],
      notes: [part.note],
      warnings: [],
      classNames: undefined,
      async load(index, square) {
        const place = part.indices[index]!;
        return decodeImage(await readValue(database, entries[place]!, path), square, keys[place]!);
      },
      label: () => {
        throw new Error("an LMDB has no labels");
      },
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw explain(path, error);
  }
}

async function readValue(
  database: Lmdb,
  entry: Pick<LmdbEntry, "at" | "length">,
  path: string,
): Promise<Uint8Array> {
  try {
    return await database.read(entry);
  } catch (error) {
    throw explain(path, error);
  }
}

/** `data.mdb` in the folder `path`, or `path` itself if it is a file. */
async function dataFile(path: string): Promise<string> {
  const info = await stat(path).catch((error: unknown) => {
    throw cannotRead(path, error, WHERE);
  });
  if (!info.isDirectory()) return path;
  if (existsSync(join(path, FILE))) return join(path, FILE);
  throw new UserError(`There is no LMDB in ${path}: no ${FILE}.`, WHERE);
}

/** Keys are text nearly always; others are shown in hexadecimal. */
function keyText(key: Uint8Array): string {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.length);
  return key.every((byte) => byte > 0x20 && byte < 0x7f)
    ? bytes.toString("latin1")
    : `0x${bytes.toString("hex")}`;
}

function explain(path: string, error: unknown): unknown {
  if (error instanceof LmdbError)
    return new UserError(
      `${path} cannot be used as an LMDB: ${error.message}.`,
      /written to/.test(error.message)
        ? "Stop the program that writes to it, or copy it when that is done, and start again."
        : `It must be a whole file of LMDB 0.9 from a 64-bit little-endian machine, as LSUN's are. ${WHERE}`,
      { cause: error },
    );
  return (error as NodeJS.ErrnoException).syscall ? cannotRead(path, error, WHERE) : error;
}
