import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolders } from "../testing/images.node.ts";
import { type LmdbEntry, LmdbError, openLmdb } from "./lmdb.node.ts";

const newFolder = temporaryFolders();
const golden = (name: string): Buffer =>
  readFileSync(new URL(`../../../test/goldens/data/${name}`, import.meta.url));
const PAGE = 4096;

async function file(contents: Uint8Array): Promise<string> {
  const path = join(newFolder(), "data.mdb");
  await writeFile(path, contents);
  return path;
}

async function everything(path: string): Promise<{ entries: LmdbEntry[]; values: Uint8Array[] }> {
  const database = await openLmdb(path);
  try {
    const entries: LmdbEntry[] = [];
    for await (const page of database.walk()) entries.push(...page);
    expect(entries).toHaveLength(database.entries);
    return { entries, values: await Promise.all(entries.map((entry) => database.read(entry))) };
  } finally {
    await database.close();
  }
}

/** The root page of the newer meta page, and that meta page's place. */
function rootOf(contents: Buffer): { root: number; meta: number } {
  const meta = [0, PAGE].sort((a, b) =>
    Number(contents.readBigUInt64LE(b + 144) - contents.readBigUInt64LE(a + 144)),
  )[0]!;
  return { root: Number(contents.readBigUInt64LE(meta + 128)), meta };
}

function changed(change: (contents: Buffer, places: { root: number; meta: number }) => void): Buffer {
  const contents = Buffer.from(golden("lsun.mdb"));
  change(contents, rootOf(contents));
  return contents;
}

describe("a file written by LMDB's Python binding", () => {
  it("gives all entries in the order of their keys, small and large values", async () => {
    const path = await file(golden("lsun.mdb"));
    const { entries, values } = await everything(path);
    const step = 0x9e3779b97f4a7c15n;
    expect(entries.map(({ key }) => Buffer.from(key).toString())).toEqual(
      Array.from({ length: 230 }, (_, i) => (BigInt(i) * step).toString(16).padStart(40, "0")),
    );
    for (const [i, value] of values.entries()) {
      expect([...value.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
      // Every 40th is noise of 4,800 bytes, which does not fit into a page.
      expect(value.length > 2000).toBe(i % 40 === 0);
      expect(Buffer.from(value.subarray(-8, -4)).toString()).toBe("IEND");
    }
  });

  it("is left as it was, with no lock file beside it", async () => {
    const path = await file(golden("lsun.mdb"));
    await everything(path);
    expect(readdirSync(join(path, ".."))).toEqual(["data.mdb"]);
    expect(readFileSync(path).equals(golden("lsun.mdb"))).toBe(true);
  });
});

describe("what is refused", () => {
  it.each<[string, () => Buffer, RegExp]>([
    ["something else", () => Buffer.alloc(20_000), /does not begin as one/],
    ["a stub", () => golden("lsun.mdb").subarray(0, 100), /only 100 bytes/],
    ["one page", () => golden("lsun.mdb").subarray(0, PAGE), /second page is missing/],
    ["another version", () => changed((bytes) => bytes.writeUInt32LE(2, 20)), /version 2/],
    ["a strange page size", () => changed((bytes) => bytes.writeUInt32LE(4095, 40)), /page size is 4095/],
    [
      "a truncated file",
      () => golden("lsun.mdb").subarray(0, 60_000),
      /behind the end of the file: it is truncated/,
    ],
    [
      "a damaged root",
      () => changed((bytes, { root }) => bytes.fill(0x55, root * PAGE, root * PAGE + 16)),
      /is damaged/,
    ],
    [
      "offsets out of the page",
      () => changed((bytes, { root }) => bytes.writeUInt16LE(5000, root * PAGE + 16)),
      /damaged/,
    ],
    [
      "a branch that leads to itself",
      () =>
        changed((bytes, { root }) => {
          const node = root * PAGE + bytes.readUInt16LE(root * PAGE + 16);
          bytes.writeUInt16LE(root, node);
        }),
      /is damaged/,
    ],
    [
      "a wrong number of entries",
      () => changed((bytes, { meta }) => bytes.writeBigUInt64LE(229n, meta + 120)),
      /more than its 229/,
    ],
    ["databases inside", () => golden("named.mdb"), /databases inside the database/],
  ])("%s", async (_, contents, message) => {
    const path = await file(contents());
    await expect(everything(path)).rejects.toThrow(LmdbError);
    await expect(everything(path)).rejects.toThrow(message);
  });

  it("values that may have been replaced by a writer since", async () => {
    const contents = Buffer.from(golden("lsun.mdb"));
    const path = await file(contents);
    const database = await openLmdb(path);
    const first = (await database.walk().next()).value as readonly LmdbEntry[];
    await expect(database.read(first[0]!)).resolves.toBeInstanceOf(Uint8Array);
    // What a commit does last: the older meta page gets the next transaction.
    const { meta } = rootOf(contents);
    const next = contents.readBigUInt64LE(meta + 144) + 1n;
    contents.copy(contents, PAGE - meta, meta, meta + 160);
    contents.writeBigUInt64LE(next, PAGE - meta + 144);
    await writeFile(path, contents);
    await expect(database.read(first[0]!)).rejects.toThrow(/was written to it while it was read/);
    await database.close();
  });

  it("an overflow page that is another", async () => {
    const contents = Buffer.from(golden("lsun.mdb"));
    const path = await file(contents);
    const { entries } = await everything(path);
    const large = entries.find(({ at }) => at % PAGE === 16)!;
    contents.fill(0, large.at - 16, large.at);
    await writeFile(path, contents);
    await expect(everything(path)).rejects.toThrow(/is damaged/);
  });
});
