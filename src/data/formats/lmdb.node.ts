/**
 * A small read-only reader of LMDB files (format 1, as LMDB 0.9 writes on 64-bit little-endian
 * machines): LSUN comes as such. It goes through the B+tree with plain reads, writes nothing and
 * takes no lock. Why not npm's `lmdb`: docs/decisions.md.
 *
 * Layout (mdb.c of LMDB 0.9), pages of one size, numbers little-endian:
 *
 *     page     uint64 number, uint16 pad, uint16 flags, then uint16 lower, uint16 upper (or uint32 pages, for overflow), 16 bytes; after
 *              it in branch and leaf pages the uint16 offsets of the nodes, up to `lower`
 *     meta     pages 0 and 1; after the header: uint32 magic, uint32 version, uint64 address, uint64 map size, two databases
 *              (free list and main), uint64 last page, uint64 transaction. The one of the later transaction counts.
 *     database uint32 pad (in the first: the page size), uint16 flags, uint16 depth, uint64 branch, leaf and overflow pages, uint64
 *              entries, uint64 root page
 *     node     uint16 lo, uint16 hi, uint16 flags, uint16 key length, key; in a leaf lo and hi are the value's length and the value follows
 *              (or, with the flag BIG, the number of the overflow page it begins on); in a branch lo, hi and flags are the child's page
 */
import type { FileHandle } from "node:fs/promises";
import { openPlain } from "../plain-file.node.ts";

const HEADER = 16;
const MAGIC = 0xbeefc0de;
const PAGE = { branch: 1, leaf: 2, overflow: 4, meta: 8 } as const;
const BIG = 1;
/** Node flags of databases inside databases and of several values under one key. */
const NESTED = 2 | 4;
/** Database flag for several values under one key. */
const DUPLICATES = 4;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
/** Deeper than any tree of 64-bit page numbers can be. */
const MAXIMUM_DEPTH = 32;
const META_BYTES = HEADER + 136;

/** The file is no LMDB of this format, or is damaged; the message says what was found. */
export class LmdbError extends Error {
  override readonly name = "LmdbError";
}

/** Where a value is. */
export interface LmdbEntry {
  readonly key: Uint8Array;
  /** Place in the file, in bytes. */
  readonly at: number;
  readonly length: number;
}

/** An open file. */
export interface Lmdb {
  /** Number of entries. */
  readonly entries: number;
  /**
   * Every entry in the order of keys, those of one page at a time.
   * @throws LmdbError if the tree is damaged
   */
  walk(): AsyncGenerator<readonly LmdbEntry[]>;
  /**
   * The value of an entry.
   * @throws LmdbError if something has been written to the file since it was opened: the place may
   * hold something else by now
   */
  read(entry: Pick<LmdbEntry, "at" | "length">): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens `path`, a `data.mdb`.
 * @throws LmdbError if it is something else, or of another format; file system errors as they are
 */
export async function openLmdb(path: string): Promise<Lmdb> {
  const file = await openPlain(path);
  try {
    const { size } = await file.stat();
    const meta = await newestMeta(file, size);
    const readPage = pageReader(file, meta.pageSize, size);
    return {
      entries: meta.entries,
      walk: () => walk(meta, readPage, size),
      async read({ at, length }) {
        if (at % meta.pageSize === HEADER)
          await readPageHeader(file, at - HEADER, meta.pageSize, PAGE.overflow);
        const value = await readAt(file, at, length);
        // A writer reuses a page two transactions after it was freed at the earliest: the same transaction means the same value.
        if ((await newestMeta(file, size)).transaction !== meta.transaction)
          throw new LmdbError("something was written to it while it was read");
        return value;
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Meta {
  readonly pageSize: number;
  readonly transaction: bigint;
  readonly flags: number;
  readonly depth: number;
  readonly entries: number;
  readonly root: bigint;
}

async function newestMeta(file: FileHandle, size: number): Promise<Meta> {
  if (size < META_BYTES) throw new LmdbError(`it has only ${size} bytes`);
  const first = parseMeta(await readAt(file, 0, META_BYTES));
  if (size < first.pageSize + META_BYTES) throw new LmdbError("its second page is missing");
  const second = parseMeta(await readAt(file, first.pageSize, META_BYTES));
  return second.transaction > first.transaction ? second : first;
}

function parseMeta(bytes: Uint8Array): Meta {
  const view = viewOf(bytes);
  if (view.getUint32(HEADER, true) !== MAGIC) {
    if (view.getUint32(HEADER, false) === MAGIC)
      throw new LmdbError("it was written on a big-endian machine");
    if (view.getUint32(HEADER - 4, true) === MAGIC) throw new LmdbError("it was written on a 32-bit machine");
    throw new LmdbError("it does not begin as one");
  }
  const version = view.getUint32(HEADER + 4, true);
  if (version !== 1) throw new LmdbError(`its format has version ${version}, only 1 can be read`);
  const [free, main] = [HEADER + 24, HEADER + 72];
  const pageSize = view.getUint32(free, true);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0)
    throw new LmdbError(`its page size is ${pageSize}`);
  return {
    pageSize,
    flags: view.getUint16(main + 4, true),
    depth: view.getUint16(main + 6, true),
    entries: Number(view.getBigUint64(main + 32, true)),
    root: view.getBigUint64(main + 40, true),
    transaction: view.getBigUint64(HEADER + 128, true),
  };
}

type ReadPage = (number: bigint, kind: number) => Promise<DataView>;

/** Reads one page and checks that it is what it should be. */
function pageReader(file: FileHandle, pageSize: number, size: number): ReadPage {
  return async (number, kind) => {
    if ((number + 1n) * BigInt(pageSize) > BigInt(size)) throw behindTheEnd(number);
    const view = viewOf(await readAt(file, Number(number) * pageSize, pageSize));
    checkHeader(view, number, kind);
    return view;
  };
}

async function readPageHeader(file: FileHandle, at: number, pageSize: number, kind: number): Promise<void> {
  checkHeader(viewOf(await readAt(file, at, HEADER)), BigInt(at / pageSize), kind);
}

function checkHeader(page: DataView, number: bigint, kind: number): void {
  if (page.getBigUint64(0, true) !== number || (page.getUint16(10, true) & kind) === 0) throw damaged(number);
}

function damaged(page: bigint): LmdbError {
  return new LmdbError(`page ${page} is damaged`);
}

function behindTheEnd(page: bigint): LmdbError {
  return new LmdbError(`page ${page} lies behind the end of the file: it is truncated`);
}

async function* walk(meta: Meta, readPage: ReadPage, size: number): AsyncGenerator<readonly LmdbEntry[]> {
  if (meta.root === NO_PAGE) return;
  if ((meta.flags & DUPLICATES) !== 0) throw new LmdbError("it holds several values under one key");
  if (meta.depth < 1 || meta.depth > MAXIMUM_DEPTH)
    throw new LmdbError(`its tree is ${meta.depth} levels deep`);
  let seen = 0;
  // A damaged file may lead in circles: no deeper than it says, and no more entries than it says.
  const visit = async function* (number: bigint, level: number): AsyncGenerator<readonly LmdbEntry[]> {
    const isLeaf = level === meta.depth;
    const page = await readPage(number, isLeaf ? PAGE.leaf : PAGE.branch);
    const nodes = nodesOf(page, number);
    if (!isLeaf) {
      for (const { child } of nodes) yield* visit(child, level + 1);
      return;
    }
    seen += nodes.length;
    if (seen > meta.entries)
      throw new LmdbError(`it has more than its ${meta.entries} entries: it is damaged`);
    yield nodes.map((node) => entryOf(node, page, number, meta.pageSize, size));
  };
  yield* visit(meta.root, 1);
  if (seen !== meta.entries)
    throw new LmdbError(`${seen} of its ${meta.entries} entries were found: it is damaged`);
}

interface Node {
  readonly flags: number;
  readonly key: Uint8Array;
  /** In a leaf: the value's length. */
  readonly length: number;
  /** In a branch: the page below. */
  readonly child: bigint;
  /** Place in the page of what follows the key. */
  readonly data: number;
}

function nodesOf(page: DataView, number: bigint): Node[] {
  const lower = page.getUint16(12, true);
  if (lower < HEADER || lower > page.byteLength) throw damaged(number);
  return Array.from({ length: (lower - HEADER) >> 1 }, (_, i) => {
    const at = page.getUint16(HEADER + 2 * i, true);
    if (at < lower || at + 8 > page.byteLength) throw damaged(number);
    const flags = page.getUint16(at + 4, true);
    const length = page.getUint16(at + 2, true) * 65536 + page.getUint16(at, true);
    const data = at + 8 + page.getUint16(at + 6, true);
    if (data > page.byteLength) throw damaged(number);
    const key = new Uint8Array(page.buffer, page.byteOffset + at + 8, data - at - 8);
    return { flags, key, length, child: (BigInt(flags) << 32n) | BigInt(length), data };
  });
}

function entryOf(node: Node, page: DataView, number: bigint, pageSize: number, size: number): LmdbEntry {
  const { key, length, data, flags } = node;
  if ((flags & NESTED) !== 0) throw new LmdbError("it holds databases inside the database");
  if ((flags & BIG) === 0) {
    if (data + length > page.byteLength) throw damaged(number);
    return { key, at: Number(number) * pageSize + data, length };
  }
  if (data + 8 > page.byteLength) throw damaged(number);
  const first = page.getBigUint64(data, true);
  // Compared before it becomes a number, which is exact to 2^53 only.
  if (first * BigInt(pageSize) + BigInt(HEADER + length) > BigInt(size)) throw behindTheEnd(first);
  return { key, at: Number(first) * pageSize + HEADER, length };
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new LmdbError("it ends too early: it is truncated");
    done += bytesRead;
  }
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
