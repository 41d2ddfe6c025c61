/**
 * The packed file between two starts: damage, copies packed at once, what makes way, where it is.
 */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultCacheFolder } from "../base/disk/cache.node.ts";
import { openPack } from "./store/pack-store.node.ts";
import { temporaryFolders, writePictures } from "./testing/images.node.ts";
import { allBytes, openAsTraining as open, packs, userError } from "./testing/open.node.ts";

const newFolder = temporaryFolders();

async function folderOf(count: number): Promise<string> {
  const folder = newFolder();
  await writePictures(folder, count);
  return folder;
}

describe("the packed file", () => {
  it.each<[string, (path: string, bytes: Buffer) => void]>([
    ["truncated", (path, bytes) => truncateSync(path, bytes.length - 100)],
    ["truncated in the pixels", (path) => truncateSync(path, 5000)],
    ["cut down to nothing", (path) => truncateSync(path, 0)],
    ["of another version of the program", (path) => reformat(path, "QTPACK01")],
    ["of a version yet to come", (path) => reformat(path, "QTPACK99")],
    ["another kind of file", (path) => writeFileSync(path, "something else altogether ".repeat(1000))],
    ["damaged in the preface", (path, bytes) => flip(path, bytes, 10)],
    ["damaged in the pixels", (path, bytes) => flip(path, bytes, 10_000)],
    ["damaged in the index", (path, bytes) => flip(path, bytes, bytes.length - 20)],
    ["longer than it was", (path, bytes) => writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(7)]))],
  ])("is made anew if it is %s", async (_, damage) => {
    const folder = await folderOf(64);
    const cache = newFolder();
    const first = await open(folder, cache);
    const [path] = packs(cache);
    damage(path!, readFileSync(path!));
    const second = await open(folder, cache);
    expect(second.summary.fromCache).toBe(false);
    expect(second.hash).toBe(first.hash);
    expect(allBytes(second)).toEqual(allBytes(first));
    expect((await open(folder, cache)).summary.fromCache).toBe(true);
  });

  it("says which image is damaged and what to do, if it is too large to be checked when opened", async () => {
    const folder = await folderOf(64);
    const cache = newFolder();
    await open(folder, cache);
    const [path] = packs(cache);
    flip(path!, readFileSync(path!), 4096 + 5 * 768 + 100);
    const store = (await openPack(path!, { notes: [], fromCache: true }, { inMemory: 0 }))!;
    const out = new Uint8Array(2 * 768);
    store.read(4, out, 0);
    expect(() => store.read(5, out, 0)).toThrow(/image 5 is not what was written/);
    const error = await userError(store.readMany!(Uint32Array.of(4, 5), out));
    expect(error.message).toContain(path);
    expect(error.hint).toMatch(/Delete this file.*packed anew/);
    store.close();
  });

  it("can be read from the disk without being held in memory", async () => {
    const folder = newFolder();
    await writePictures(join(folder, "a"), 40);
    await writePictures(join(folder, "b"), 30);
    const cache = newFolder();
    const inMemory = await open(folder, cache);
    const onDisk = await openPack(packs(cache)[0]!, { notes: [], fromCache: true }, { inMemory: 0 });
    expect(allBytes(onDisk!)).toEqual(allBytes(inMemory));
    expect(onDisk!.labels).toEqual(inMemory.labels);
    expect(onDisk!.hash).toBe(inMemory.hash);
    expect(() => onDisk!.read(70, new Uint8Array(768), 0)).toThrow(RangeError);
    expect(() => onDisk!.read(0, new Uint8Array(767), 0)).toThrow(RangeError);
    onDisk!.close();
    onDisk!.close();
    expect(() => onDisk!.read(0, new Uint8Array(768), 0)).toThrow(/closed/);
  });

  it("survives several packing at the same time, in one process and in two", async () => {
    const folder = await folderOf(120);
    const cache = newFolder();
    const script = `import { openData } from ${JSON.stringify(join(import.meta.dirname, "open.node.ts"))};
      const store = await openData({ source: ${JSON.stringify(folder)}, resolution: 16, split: "train",
        preprocessing: "centre-crop", cacheDir: ${JSON.stringify(cache)} });
      process.stdout.write(store.hash);`;
    const inChild = new Promise<string>((done, failed) => {
      const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
      let [out, problems] = ["", ""];
      child.stdout.on("data", (text) => {
        out += text;
      });
      child.stderr.on("data", (text) => {
        problems += text;
      });
      child.on("error", failed);
      child.on("close", (code) => (code === 0 ? done(out) : failed(new Error(problems))));
    });
    const stores = await Promise.all([1, 2, 3].map(() => open(folder, cache)));
    const hashes = new Set([...stores.map(({ hash }) => hash), await inChild]);
    expect(hashes.size).toBe(1);
    expect(packs(cache)).toHaveLength(1);
    expect(await open(folder, cache)).toMatchObject({ hash: stores[0]!.hash, summary: { fromCache: true } });
  });

  it("replaces what it and killed processes left behind, after a day, and nothing else", async () => {
    const folder = await folderOf(64);
    const cache = newFolder();
    await open(folder, cache);
    await open(folder, cache, { resolution: 8 });
    const old = packs(cache).find((path) => path.includes("folder-16-"))!;
    const kept = packs(cache).find((path) => path.includes("folder-8-"))!;
    const abandoned = `${old}.1-abcd.tmp`;
    const inUse = `${old}.2-abcd.tmp`;
    for (const path of [abandoned, inUse]) writeFileSync(path, "half");
    const longAgo = Date.now() / 1000 - 3 * 24 * 3600;
    for (const path of [old, kept, abandoned]) utimesSync(path, longAgo, longAgo);
    await writePictures(folder, 65);
    await open(folder, cache);
    expect([old, kept, abandoned, inUse].map(existsSync)).toEqual([false, true, false, true]);
  });

  it("goes where the environment says", () => {
    expect(defaultCacheFolder({ QUARTERTURN_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
    expect(defaultCacheFolder({ XDG_CACHE_HOME: "/b" })).toBe(join("/b", "quarterturn"));
    expect(defaultCacheFolder({})).toMatch(/\.cache.quarterturn$/);
  });

  it("a cache folder that cannot be written to is the user's to mend", async () => {
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    const error = await userError(open(await folderOf(64), join(file, "cache")));
    expect(error.message).toMatch(/cannot be kept in .*file/);
    expect(error.hint).toMatch(/QUARTERTURN_CACHE/);
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === "win32")("no permission to write", async () => {
    const cache = newFolder();
    chmodSync(cache, 0o500);
    expect((await userError(open(await folderOf(64), cache))).message).toMatch(/cannot be kept.*EACCES/);
  });
});

/** Makes a packed file one of another format: the name of the format in its first bytes. */
function reformat(path: string, magic: string): void {
  const bytes = readFileSync(path);
  bytes.write(magic, "latin1");
  writeFileSync(path, bytes);
}

function flip(path: string, bytes: Buffer, at: number): void {
  bytes[at]! ^= 0xff;
  writeFileSync(path, bytes);
}
