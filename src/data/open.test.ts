import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultCacheFolder } from "../base/cache.node.ts";
import { UserError } from "../base/errors.ts";
import { type OpenDataOptions, openData } from "./open.node.ts";
import { openPack } from "./pack-store.node.ts";
import type { ImageStore } from "./store.ts";
import {
  hugePng,
  picture,
  plainColour,
  put,
  temporaryFolders,
  writePictures,
} from "./testing/images.node.ts";

const newFolder = temporaryFolders();

function open(source: string, cacheDir: string, more: Partial<OpenDataOptions> = {}): Promise<ImageStore> {
  return openData({
    source,
    resolution: 16,
    split: "train",
    preprocessing: "centre-crop",
    cacheDir,
    ...more,
  });
}

function allBytes(store: ImageStore): Uint8Array {
  const out = new Uint8Array(store.count * store.size * store.size * 3);
  for (let i = 0; i < store.count; i++) store.read(i, out, i * store.size * store.size * 3);
  return out;
}

function packs(cache: string): string[] {
  return readdirSync(join(cache, "data")).map((name) => join(cache, "data", name));
}

async function failure(promise: Promise<unknown>): Promise<UserError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

async function folderOf(count: number): Promise<string> {
  const folder = newFolder();
  await writePictures(folder, count);
  return folder;
}

describe("openData", () => {
  it("gives the images in the order of their names, and a summary", async () => {
    const folder = await folderOf(70);
    const store = await open(folder, newFolder());
    expect([store.count, store.size, store.channels]).toEqual([70, 16, 3]);
    const bytes = allBytes(store);
    for (let i = 0; i < 70; i++)
      expect([...bytes.subarray(i * 768, i * 768 + 3)]).toEqual([...plainColour(i)]);
    expect(store.summary).toMatchObject({ found: 70, used: 70, skipped: [], resolution: 16, enlarged: 0 });
    expect(store.summary).toMatchObject({ width: { min: 40, max: 40 }, fromCache: false, source: folder });
    expect(store.summary.warnings.join()).toMatch(/Only 70 images.*Add images/);
    expect(store.labels).toBeUndefined();
    store.close();
  });

  it("leaves out bad files, reports each, and says the same on the second start", async () => {
    const folder = await folderOf(66);
    await put(join(folder, "sub/text.png"), "not a picture");
    await put(join(folder, "sub/empty.jpg"), "");
    await put(
      join(folder, "dot.png"),
      await picture(1, 1, () => [1, 2, 3])
        .png()
        .toBuffer(),
    );
    await put(join(folder, "huge.png"), hugePng(30_000));
    await put(join(folder, "phone.heic"), "whatever");
    await put(join(folder, "notes.txt"), "passed over");
    const cache = newFolder();
    const first = await open(folder, cache);
    expect(first.summary).toMatchObject({ found: 71, used: 66 });
    expect(first.summary.skipped.map(({ path }) => path)).toEqual([
      "dot.png",
      "huge.png",
      "phone.heic",
      "sub/empty.jpg",
      "sub/text.png",
    ]);
    expect(first.summary.warnings.join()).toMatch(/5 of 71 images could not be used/);
    const second = await open(folder, cache);
    expect(second.summary).toEqual({ ...first.summary, fromCache: true });
    expect(second.hash).toBe(first.hash);
    expect(allBytes(second)).toEqual(allBytes(first));
  });

  it("decodes nothing on the second start", async () => {
    const folder = await folderOf(64);
    const cache = newFolder();
    const first = await open(folder, cache);
    const phases: string[] = [];
    const second = await open(folder, cache, { onProgress: ({ phase }) => phases.push(phase) });
    expect(phases).not.toContain("packing");
    expect(second.hash).toBe(first.hash);
  });

  it("notices added, changed and removed files, and another resolution", async () => {
    const folder = await folderOf(66);
    const cache = newFolder();
    const hashes = [(await open(folder, cache)).hash];
    hashes.push((await open(folder, cache, { resolution: 8 })).hash);
    await rename(join(folder, "000.png"), join(folder, "zzz.png"));
    hashes.push((await open(folder, cache)).hash);
    // Same name, same length, same time of change: the inode's own time tells.
    const file = readFileSync(join(folder, "001.png"));
    const other = await picture(40, 40, () => [5, 5, 5])
      .png()
      .toBuffer();
    const length = Math.max(file.length, other.length);
    const path = join(folder, "001.png");
    for (const bytes of [file, other]) {
      writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]));
      utimesSync(path, 1e9, 1e9);
      hashes.push((await open(folder, cache)).hash);
    }
    await rm(join(folder, "002.png"));
    hashes.push((await open(folder, cache)).hash);
    // Only the padding differs between the original file and the padded one: the same pixels, so the same hash.
    expect(hashes[3]).toBe(hashes[2]);
    expect(new Set(hashes).size).toBe(hashes.length - 1);
  });

  it("identifies the data, not where it is: a copy elsewhere has the same hash", async () => {
    const [a, b] = [await folderOf(64), await folderOf(64)];
    expect((await open(a, newFolder())).hash).toBe((await open(b, newFolder())).hash);
  });

  it("uses labels from subfolders, and hashes them", async () => {
    const folder = newFolder();
    await writePictures(join(folder, "cats"), 40);
    await writePictures(join(folder, "dogs"), 30);
    const cache = newFolder();
    for (const fromCache of [false, true]) {
      const store = await open(folder, cache);
      expect(store.summary).toMatchObject({ fromCache, classes: 2 });
      expect(store.classNames).toEqual(["cats", "dogs"]);
      expect([...store.labels!]).toEqual([...Array(40).fill(0), ...Array(30).fill(1)]);
    }
    const plain = (await open(folder, cache)).hash;
    await rename(join(folder, "cats/039.png"), join(folder, "dogs/000a.png"));
    await rename(join(folder, "dogs/000a.png"), join(folder, "dogs/!.png"));
    // The images are in the same order as before; only one label differs.
    expect((await open(folder, cache)).hash).not.toBe(plain);
  });

  it("reports progress to the end, counting what was skipped", async () => {
    const folder = await folderOf(70);
    await put(join(folder, "a.png"), "no");
    const seen: number[] = [];
    await open(folder, newFolder(), {
      onProgress: ({ phase, done, total, skipped }) => {
        if (phase === "packing") seen.push(done, total, skipped);
      },
    });
    expect(seen.slice(-3)).toEqual([71, 71, 1]);
  });

  it("stops when told to, and leaves no half-written file", async () => {
    const folder = await folderOf(80);
    const cache = newFolder();
    const abort = new AbortController();
    const opening = open(folder, cache, {
      signal: abort.signal,
      onProgress: ({ phase, done }) => {
        if (phase === "packing" && done === 20) abort.abort(new Error("enough"));
      },
    });
    await expect(opening).rejects.toThrow("enough");
    expect(packs(cache)).toEqual([]);
    expect((await open(folder, cache)).count).toBe(80);
  });
});

describe("too few images", () => {
  it("says how many were found, how many skipped and why, and leaves nothing in the cache", async () => {
    const folder = await folderOf(60);
    for (let i = 0; i < 6; i++) await put(join(folder, `bad${i}.png`), "no");
    const cache = newFolder();
    const error = await failure(open(folder, cache));
    expect(error.message).toMatch(
      /only 60 usable images \(66 found, 6 skipped: not an image[^(]*\(bad0\.png, bad1\.png, bad2\.png, 3 more\)/,
    );
    expect(error.hint).toMatch(/At least 64/);
    expect(packs(cache)).toEqual([]);
  });

  it("asks for as many as the caller wants, from the cache as well", async () => {
    const folder = await folderOf(10);
    const cache = newFolder();
    expect((await open(folder, cache, { minimumImages: 10 })).count).toBe(10);
    expect((await failure(open(folder, cache))).message).toMatch(/only 10 usable/);
  });
});

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
    const error = await failure(store.readMany!(Uint32Array.of(4, 5), out));
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
    const error = await failure(open(await folderOf(64), join(file, "cache")));
    expect(error.message).toMatch(/cannot be kept in .*file/);
    expect(error.hint).toMatch(/QUARTERTURN_CACHE/);
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === "win32")("no permission to write", async () => {
    const cache = newFolder();
    chmodSync(cache, 0o500);
    expect((await failure(open(await folderOf(64), cache))).message).toMatch(/cannot be kept.*EACCES/);
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
