/** Preprocessing, resizing filter and part, from what is asked to what is in the store. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Color, picture, put, pixels as rawPixels, temporaryFolders } from "../testing/images.node.ts";
import { openSmall, pixelsOf, userError } from "../testing/open.node.ts";
import type { Preprocessing, Resize } from "./preprocessing.ts";

const newFolder = temporaryFolders();
/** Red is the column, green the row. */
const place = (x: number, y: number): Color => [x, y, 7];

async function folderOf(width: number, height: number, count = 1): Promise<string> {
  const folder = newFolder();
  const bytes = await picture(width, height, place).png().toBuffer();
  for (let i = 0; i < count; i++) await put(join(folder, `${i}.png`), bytes);
  return folder;
}

describe("what becomes of an image", () => {
  it("crop-or-pad takes the center as it is", async () => {
    const store = await openSmall(await folderOf(101, 64), newFolder(), { preprocessing: "crop-or-pad" });
    expect(
      Buffer.compare(
        pixelsOf(store, 0),
        rawPixels(32, 32, (x, y) => place(x + 34, y + 16)),
      ),
    ).toBe(0);
    expect(store.summary).toMatchObject({ preprocessing: "crop-or-pad", resize: "lanczos3", enlarged: 0 });
  });

  it("crop-or-pad gives a black border, and a warning", async () => {
    const store = await openSmall(await folderOf(20, 64), newFolder(), { preprocessing: "crop-or-pad" });
    const expected = rawPixels(32, 32, (x, y) => (x < 6 || x >= 26 ? [0, 0, 0] : place(x - 6, y + 16)));
    expect(Buffer.compare(pixelsOf(store, 0), expected)).toBe(0);
    expect(store.summary.warnings.join()).toMatch(/1 of 1 image are smaller than their crop/);
  });

  it("TF1's filter takes every second pixel of a halved crop, the default one mixes them", async () => {
    const folder = await folderOf(100, 64);
    const tf1 = await openSmall(folder, newFolder(), { resize: "bilinear-tf1" });
    const expected = rawPixels(32, 32, (x, y) => place(2 * x + 18, 2 * y));
    expect(Buffer.compare(pixelsOf(tf1, 0), expected)).toBe(0);
    expect(tf1.summary.resize).toBe("bilinear-tf1");
    expect(Buffer.compare(pixelsOf(await openSmall(folder, newFolder()), 0), expected)).not.toBe(0);
  });

  it.each<[Preprocessing, number]>([
    ["celeba-160", 160],
    ["celeba-178", 178],
  ])("%s resizes the centered square of %i pixels", async (preprocessing, side) => {
    const store = await openSmall(await folderOf(178, 218), newFolder(), {
      preprocessing,
      resolution: side / 2,
      resize: "bilinear-tf1",
    });
    const [left, top] = [(178 - side) / 2, (218 - side) / 2];
    const expected = rawPixels(side / 2, side / 2, (x, y) => place(left + 2 * x, top + 2 * y));
    expect(Buffer.compare(pixelsOf(store, 0), expected)).toBe(0);
  });

  it("random-square-crop is another part of every image, and the same each time", async () => {
    const folder = await folderOf(100, 90, 12);
    const ask = { preprocessing: "random-square-crop", resize: "bilinear-tf1" } as const;
    const store = await openSmall(folder, newFolder(), ask);
    const corners = Array.from({ length: 12 }, (_, i) => [...pixelsOf(store, i).subarray(0, 2)].join());
    expect(new Set(corners).size).toBeGreaterThan(6);
    expect((await openSmall(folder, newFolder(), ask)).hash).toBe(store.hash);
  });

  it("random-square-crop squeezes an image of 3 : 1 whole", async () => {
    const store = await openSmall(await folderOf(192, 64), newFolder(), {
      preprocessing: "random-square-crop",
      resize: "bilinear-tf1",
    });
    const expected = rawPixels(32, 32, (x, y) => place(6 * x, 2 * y));
    expect(Buffer.compare(pixelsOf(store, 0), expected)).toBe(0);
  });

  it("grayscale, transparent and turned pictures go the same way", async () => {
    const folder = newFolder();
    const turned = picture(64, 32, place).jpeg({ quality: 100, chromaSubsampling: "4:4:4" });
    await put(join(folder, "turned.jpg"), await turned.withMetadata({ orientation: 6 }).toBuffer());
    const gray = picture(64, 64, () => [90, 90, 90]).toColorspace("b-w");
    await put(join(folder, "x-gray.png"), await gray.png().toBuffer());
    await put(join(folder, "y.svg"), '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>');
    const store = await openSmall(folder, newFolder(), { preprocessing: "crop-or-pad" });
    // Orientation 6 is turned clockwise: the left edge (column 0) becomes the top.
    const [first, last] = [
      pixelsOf(store, 0).subarray(0, 2),
      pixelsOf(store, 0).subarray(3 * 31 * 32, 3 * 31 * 32 + 2),
    ];
    expect(last[0]! - first[0]!).toBeGreaterThan(25);
    expect(new Set(pixelsOf(store, 1))).toEqual(new Set([90]));
    expect(new Set(pixelsOf(store, 2))).toEqual(new Set([255]));
  });
});

describe("packed files", () => {
  it("are others for another preprocessing or filter, and stay beside each other", async () => {
    const [folder, cache] = [await folderOf(64, 64), newFolder()];
    const asked: [Preprocessing, Resize][] = [
      ["centre-crop", "lanczos3"],
      ["centre-crop", "bilinear-tf1"],
      ["crop-or-pad", "lanczos3"],
    ];
    for (const [preprocessing, resize] of asked) await openSmall(folder, cache, { preprocessing, resize });
    expect(readdirSync(join(cache, "data"))).toHaveLength(3);
    for (const [preprocessing, resize] of asked) {
      const again = await openSmall(folder, cache, { preprocessing, resize });
      expect(again.summary).toMatchObject({ preprocessing, resize, fromCache: true });
    }
  });

  it("can have any resolution", async () => {
    for (const resolution of [1, 48, 100])
      expect((await openSmall(await folderOf(64, 64), newFolder(), { resolution })).size).toBe(resolution);
  });

  it("of images that are all the same carry a warning; of a single one not", async () => {
    const warning = /have the same pixels/;
    const same = await openSmall(await folderOf(40, 40, 3), newFolder());
    expect(same.summary.warnings.join()).toMatch(warning);
    expect((await openSmall(await folderOf(40, 40), newFolder())).summary.warnings.join()).not.toMatch(
      warning,
    );
  });

  it("of classes of very different sizes carry a warning", async () => {
    const folder = newFolder();
    const bytes = await picture(32, 32, place).png().toBuffer();
    for (let i = 0; i < 12; i++) await put(join(folder, `cats/${i}.png`), bytes);
    await put(join(folder, "dogs/0.png"), bytes);
    const { summary } = await openSmall(folder, newFolder());
    expect(summary.warnings.join()).toMatch(/"cats" has 12 images, "dogs" has 1 image\./);
  });
});

it("a part without labels is refused where there is none", async () => {
  const error = await userError(openSmall("emoji", newFolder(), { split: "unlabelled" }));
  expect(error.message).toMatch(/emoji has no part of its own without labels/);
});
