import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Packed, tarGzOf, tarOf, zipOf } from "../../testing/archives.node.ts";
import { plainColor, put, temporaryFolders } from "../../testing/images.node.ts";
import { corners, openSmall, plainPng, userError } from "../../testing/open.node.ts";
import { archive as archiveSource } from "./archive.node.ts";

const newFolder = temporaryFolders();

const FORMATS = [
  ["zip", zipOf],
  ["tar", tarOf],
  ["tar.gz", tarGzOf],
] as const;
type Make = (files: readonly Packed[]) => Buffer;

async function archive(type: string, make: Make, files: readonly Packed[]): Promise<string> {
  const path = join(newFolder(), `pictures.${type}`);
  await put(path, make(files));
  return path;
}

async function files(...names: string[]): Promise<Packed[]> {
  return Promise.all(names.map(async (name, i) => ({ name, bytes: await plainPng(i) })));
}

const text = (name: string, contents: string): Packed => ({ name, bytes: Buffer.from(contents) });

describe.each(FORMATS)(".%s", (type, make) => {
  it("gives the images, passing over other and hidden files and the folder around everything", async () => {
    const path = await archive(type, make, [
      ...(await files("mine/a.png", "mine/b.PNG", "mine/c/d.png")),
      text("mine/readme.txt", "hello"),
      text("__MACOSX/mine/._a.png", "x"),
      text("mine/.hidden.png", "x"),
      text("mine/phone.heic", "x"),
      text("mine/broken.png", "not a picture"),
    ]);
    const store = await openSmall(path, newFolder());
    expect(corners(store)).toEqual([0, 1, 2].map((i) => [...plainColor(i)]));
    expect(store.classNames).toBeUndefined();
    expect(store.summary.skipped.map((file) => file.path)).toEqual(["mine/broken.png", "mine/phone.heic"]);
    expect(store.summary).toMatchObject({ source: path, found: 5, used: 3 });
  });

  it("takes folders for classes and parts, as in a real folder", async () => {
    const path = await archive(
      type,
      make,
      await files(
        "d/train/cat/1.png",
        "d/train/dog/1.png",
        "d/val/cat/2.png",
        "d/val/dog/2.png",
        "d/val/dog/3.png",
      ),
    );
    const cache = newFolder();
    const train = await openSmall(path, cache);
    expect([train.count, train.classNames, [...train.labels!]]).toEqual([2, ["cat", "dog"], [0, 1]]);
    const test = await openSmall(path, cache, { split: "test" });
    expect([test.count, [...test.labels!]]).toEqual([3, [0, 1, 1]]);
    expect(test.summary.notes).toContain('Split by folders: this is "val" of "train" and "val".');
    const all = await openSmall(path, cache, { split: "all" });
    expect([all.count, all.classNames, [...all.labels!]]).toEqual([5, ["cat", "dog"], [0, 1, 0, 1, 1]]);
  });

  it("numbers classes the same in both parts, though one part lacks some", async () => {
    const path = await archive(type, make, await files("train/a/1.png", "train/b/1.png", "test/b/1.png"));
    const test = await openSmall(path, newFolder(), { split: "test" });
    expect([test.classNames, [...test.labels!]]).toEqual([["a", "b"], [1]]);
  });

  it("takes labels from a table", async () => {
    const path = await archive(type, make, [
      ...(await files("d/1.png", "d/2.png", "d/3.png")),
      text("d/metadata.csv", "file_name,label\n1.png,pear\n2.png,fig\n9.png,fig\n"),
    ]);
    const store = await openSmall(path, newFolder());
    expect([store.classNames, [...store.labels!]]).toEqual([
      ["fig", "pear"],
      [1, 0],
    ]);
    expect(store.summary.skipped).toEqual([
      { path: "d/3.png", reason: "not in metadata.csv, so it has no label" },
    ]);
  });

  it("leaves out paths that lead out of it, and writes nothing anywhere", async () => {
    const path = await archive(
      type,
      make,
      await files("a.png", "../../escaped.png", "/absolute.png", "x/../y.png", "C:/windows.png"),
    );
    const store = await openSmall(path, newFolder());
    expect(store.count).toBe(1);
    expect(store.summary.skipped.map((file) => file.path).sort()).toEqual(
      ["../../escaped.png", "/absolute.png", "C:/windows.png", "x/../y.png"].sort(),
    );
    expect(store.summary.skipped[0]!.reason).toBe("its path leads out of the archive");
    expect(readdirSync(join(path, ".."))).toEqual([`pictures.${type}`]);
  });

  it("refuses a bomb by what it announces, and a single file too large for an image", async () => {
    const bomb = await archive(type, make, [{ name: "a.png", bytes: new Uint8Array(9), announced: 2 ** 31 }]);
    expect((await userError(openSmall(bomb, newFolder()))).message).toMatch(
      /unpacks to more than 200 times its size/,
    );
  });

  it("says so if there is nothing in it, or it is damaged or something else", async () => {
    const none = await archive(type, make, [text("a.txt", "x"), text("b.csv", "x")]);
    expect((await userError(openSmall(none, newFolder()))).message).toMatch(
      /only other files \(\.csv, \.txt\)/,
    );
    const empty = await archive(type, make, []);
    expect((await userError(openSmall(empty, newFolder()))).message).toMatch(/is empty/);
    const other = await archive(type, () => Buffer.from("not an archive ".repeat(100)), []);
    expect((await userError(openSmall(other, newFolder()))).message).toMatch(/is damaged or is no/);
    const whole = make(await files("1.png", "2.png", "3.png", "4.png"));
    const half = await archive(type, () => whole.subarray(0, Math.floor(whole.length / 2)), []);
    expect((await userError(openSmall(half, newFolder()))).message).toMatch(/is damaged or is no/);
  });
});

it("a zip entry that unpacks to more than it announces is left out", async () => {
  const [good] = await files("good.png");
  const liar = { name: "liar.png", bytes: new Uint8Array(100_000), announced: 100 };
  const store = await openSmall(await archive("zip", zipOf, [good!, liar]), newFolder());
  expect(store.count).toBe(1);
  expect(store.summary.skipped[0]).toMatchObject({
    path: "liar.png",
    reason: expect.stringMatching(/^damaged/),
  });
});

it("encrypted zip entries and links that lead nowhere are left out, and listed", async () => {
  const encrypted = await archive("zip", (all) => zipOf(all, 1), await files("a.png"));
  expect((await userError(openSmall(encrypted, newFolder()))).message).toMatch(/encrypted \(a\.png\)/);
  const [good] = await files("good.png");
  const link = { name: "passwords.png", bytes: new Uint8Array(0), type: "2", link: "/etc/passwd" };
  const store = await openSmall(await archive("tar", () => tarOf([link, good!]), []), newFolder());
  expect(store.summary).toMatchObject({ found: 2, used: 1 });
  expect(store.summary.skipped).toEqual([
    { path: "passwords.png", reason: "a link that leads out of the archive" },
  ]);
});

it("many entries come in their order though they are decoded at once", async () => {
  const names = Array.from({ length: 150 }, (_, i) => `${String(i).padStart(3, "0")}.png`);
  const path = await archive("tgz", tarGzOf, await files(...names));
  const store = await openSmall(path, newFolder());
  expect(corners(store)).toEqual(names.map((_, i) => [...plainColor(i)]));
});

describe("a tar file, which can only be read from its beginning", () => {
  const square = { size: 8, preprocessing: "centre-crop", resize: "lanczos3" } as const;

  it("gives any image in any order", async () => {
    const path = await archive("tar", tarOf, await files("0.png", "1.png", "2.png", "3.png"));
    const listing = await archiveSource.list({ location: path, split: "all" });
    for (const index of [2, 0, 3, 3, 1])
      expect([...(await listing.load(index, square)).pixels.subarray(0, 3)]).toEqual([...plainColor(index)]);
    await listing.close();
  });

  it("can be left half read: packing that is interrupted leaves nothing behind", async () => {
    const names = Array.from({ length: 200 }, (_, i) => `${i}.png`);
    const [path, cache] = [await archive("tgz", tarGzOf, await files(...names)), newFolder()];
    const interrupt = new AbortController();
    const opening = openSmall(path, cache, {
      signal: interrupt.signal,
      onProgress: ({ phase, done }) => {
        if (phase === "packing" && done === 20) interrupt.abort(new Error("enough"));
      },
    });
    await expect(opening).rejects.toThrow("enough");
    expect(readdirSync(join(cache, "data"))).toEqual([]);
    expect((await openSmall(path, cache)).count).toBe(200);
  });
});
