/** Folders of pictures become stores: what is found, what is left out, what is kept. */
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hugePng, picture, plainColor, put, temporaryFolders, writePictures } from "./testing/images.node.ts";
import { allBytes, openAsTraining as open, packs, userError } from "./testing/open.node.ts";

const newFolder = temporaryFolders();

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
      expect([...bytes.subarray(i * 768, i * 768 + 3)]).toEqual([...plainColor(i)]);
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
    const error = await userError(open(folder, cache));
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
    expect((await userError(open(folder, cache))).message).toMatch(/only 10 usable/);
  });
});
