import { copyFile, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import { type Color, picture, pixels, put, temporaryFolders } from "../testing/images.node.ts";
import { duplicates } from "./duplicates.node.ts";
import { CHECKS, type Inspection, inspectData } from "./inspect.node.ts";

const newFolder = temporaryFolders();

/** A picture of twelve colored boxes, other ones for each `seed`. */
function boxes(seed: number, width = 120, height = 90): Sharp {
  const stream = randomStream(seed, "boxes");
  const draw = (): number => stream.integer(256);
  const all = Array.from({ length: 12 }, () => ({
    left: stream.uniform() * 0.8,
    top: stream.uniform() * 0.8,
    color: [draw(), draw(), draw()] as Color,
  }));
  return picture(width, height, (x, y) => {
    const [u, v] = [x / width, y / height];
    const inside = all.findLast(({ left, top }) => u > left && u < left + 0.4 && v > top && v < top + 0.4);
    return inside?.color ?? [250, 250, 250];
  });
}

/** A folder of `count` pictures that have nothing in common: 00.png and so on. */
async function folderOf(count: number): Promise<string> {
  const folder = newFolder();
  for (let i = 0; i < count; i++)
    await put(
      join(folder, `${String(i).padStart(2, "0")}.png`),
      await boxes(i + 1)
        .png()
        .toBuffer(),
    );
  return folder;
}

function inspect(source: string, resolution = 32): Promise<Inspection> {
  return inspectData({ source, split: "train", resolution });
}

function finding(inspection: Inspection, name: string) {
  const found = inspection.findings.find((each) => each.name === name)!;
  return { ...found, text: found.lines.join("\n") };
}

describe("inspecting a folder", () => {
  it("finds nothing wrong where nothing is", async () => {
    const found = await inspect(await folderOf(24));
    expect(found).toMatchObject({ found: 24, used: 24, skipped: [], warnings: [] });
    expect(found.findings.map(({ name }) => name)).toEqual([
      "sizes",
      "classes",
      "duplicates",
      "colours",
      "orientation",
    ]);
    expect(finding(found, "sizes").text).toBe("120 wide, 90 high; commonest: 120×90 (24)");
    expect(finding(found, "duplicates").data).toEqual({
      exact: { images: 0, groups: [] },
      near: { images: 0, groups: [] },
    });
    expect(finding(found, "colours").data).toMatchObject({ greyscale: 0, singleColour: { count: 0 } });
    expect(finding(found, "orientation").data).toMatchObject({ noted: 0 });
  });

  it("counts what cannot be used, with reasons", async () => {
    const folder = await folderOf(5);
    await put(join(folder, "broken.png"), "not an image");
    await put(join(folder, "phone.heic"), "whatever");
    const found = await inspect(folder);
    expect(found).toMatchObject({ found: 7, used: 5 });
    expect(found.skipped.map(({ path }) => path).sort()).toEqual(["broken.png", "phone.heic"]);
  });

  it("finds copies, and those saved again, smaller, or a little brighter", async () => {
    const folder = await folderOf(24);
    await copyFile(join(folder, "03.png"), join(folder, "copy.png"));
    await put(join(folder, "jpeg.jpg"), await boxes(6).jpeg({ quality: 60 }).toBuffer());
    await put(join(folder, "small.png"), await boxes(8).resize(60, 45).png().toBuffer());
    await put(join(folder, "bright.png"), await boxes(10).linear(0.97, 8).png().toBuffer());
    const found = await inspect(folder);
    const { data, text } = finding(found, "duplicates");
    expect(data).toEqual({
      exact: { images: 1, groups: [["03.png", "copy.png"]] },
      near: {
        images: 3,
        groups: [
          ["05.png", "jpeg.jpg"],
          ["07.png", "small.png"],
          ["09.png", "bright.png"],
        ],
      },
    });
    expect(text).toContain("copies, pixel for pixel: 1 (03.png = copy.png)");
    expect(found.warnings).toEqual([expect.stringMatching(/^4 of 28 images are copies or near copies/)]);
  });

  it("finds near copies among very many with much in common", async () => {
    // Two plain halves, so that most bytes of all hashes are equal; a mark in each, whose place and brightness tell them apart.
    const [size, looks] = [32, 700];
    const check = duplicates({ size, count: 2 * looks, classNames: undefined });
    const levels = [0, 30, 60, 90, 160, 190, 220, 250];
    const draw = (look: number, noise: number): Uint8Array =>
      pixels(size, size, (x, y) => {
        const half = y < 16 ? look % 64 : Math.floor(look / 64);
        const cell = Math.floor(x / 8) + 4 * Math.floor((y % 16) / 8);
        const level = cell === half % 8 ? levels[Math.floor(half / 8)]! + noise : 128;
        return [level, level, y < 16 ? 128 : 250];
      });
    const rest = { width: size, height: size, orientation: undefined, label: undefined };
    for (let i = 0; i < 2 * looks; i++)
      void check.observe({ index: i, path: `${i}`, pixels: draw(i % looks, i < looks ? 0 : 2), ...rest });
    const { data } = (await check.finish()) as {
      data: { exact: { images: number }; near: { groups: string[][] } };
    };
    expect(data.exact.images).toBe(0);
    for (const [a, b, ...more] of data.near.groups)
      expect([Number(b) - Number(a), more]).toEqual([looks, []]);
    expect(data.near.groups.length).toBe(looks);
  });

  it("calls a figure on white gray by the figure, not by the white around it", async () => {
    const folder = await folderOf(0);
    // A figure of a tenth of the picture: over all pixels its red lies three levels apart at the most.
    const figure = (color: [number, number, number]) =>
      picture(40, 40, (x, y) => (x > 14 && x < 27 && y > 14 && y < 27 ? color : [255, 255, 255]));
    const dots = picture(40, 40, (x, y) =>
      x > 5 && x < 35 && y > 5 && y < 35
        ? x === 20 && y > 8
          ? [220, 30, 30]
          : [90, 90, 90]
        : [255, 255, 255],
    );
    await put(join(folder, "pale.png"), await figure([205, 180, 180]).png().toBuffer());
    await put(join(folder, "detail.png"), await dots.png().toBuffer());
    await put(join(folder, "gray.png"), await figure([120, 120, 121]).png().toBuffer());
    await put(
      join(folder, "ground.png"),
      await picture(40, 40, (x, y) => (x > 14 && y > 14 && x < 27 && y < 27 ? [90, 90, 90] : [30, 80, 200]))
        .png()
        .toBuffer(),
    );
    const found = await inspectData({ source: folder, split: "all", resolution: 32 });
    expect(finding(found, "colours").data).toMatchObject({ greyscale: 1 });
  });

  it("finds pictures of a single color, and gray ones", async () => {
    const folder = await folderOf(20);
    await put(
      join(folder, "plain.png"),
      await picture(40, 40, () => [200, 30, 30])
        .png()
        .toBuffer(),
    );
    for (const i of [1, 2])
      await put(
        join(folder, `gray${i}.png`),
        await boxes(50 + i)
          .grayscale()
          .toColorspace("srgb")
          .png()
          .toBuffer(),
      );
    const found = await inspect(folder);
    expect(finding(found, "colours").data).toEqual({
      greyscale: 2,
      singleColour: { count: 1, files: ["plain.png"] },
    });
    expect(found.warnings.join("\n")).toMatch(
      /1 images are of a single color[\s\S]*2 \(8\.7%\) of the images are grayscale/,
    );
  });

  it("finds extremes of size and shape", async () => {
    const folder = await folderOf(20);
    await put(join(folder, "tiny.png"), await boxes(40, 16, 16).png().toBuffer());
    await put(join(folder, "vast.png"), await boxes(41, 900, 600).png().toBuffer());
    await put(join(folder, "long.png"), await boxes(42, 300, 60).png().toBuffer());
    await put(join(folder, "high.png"), await boxes(43, 50, 200).png().toBuffer());
    const found = await inspect(folder);
    expect(finding(found, "sizes").data).toMatchObject({
      width: { min: 16, median: 120, max: 900 },
      farSmaller: ["tiny.png"],
      farLarger: ["vast.png"],
      elongated: ["high.png", "long.png"],
      enlarged: { count: 1, files: ["tiny.png"] },
    });
    expect(found.warnings).toEqual([expect.stringMatching(/^2 images are more than 2.5 times longer/)]);
  });

  it("tells who was turned by an EXIF orientation, and looks at them upright", async () => {
    const folder = await folderOf(10);
    await put(
      join(folder, "lying.jpg"),
      await boxes(30, 90, 120).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    );
    await put(join(folder, "noted.jpg"), await boxes(31).withMetadata({ orientation: 1 }).jpeg().toBuffer());
    const found = await inspect(folder);
    expect(finding(found, "orientation").data).toEqual({
      noted: 2,
      turned: { count: 1, files: ["lying.jpg"] },
    });
    expect(finding(found, "sizes").text).toMatch(/^120 wide, 90 high/);
    expect(found.warnings).toEqual([
      expect.stringMatching(/^1 \(8\.3%\) of the images were stored rotated.*10 say nothing/),
    ]);
  });

  it("counts the images of each class, and says when they are uneven", async () => {
    const folder = await folderOf(23);
    const names = await readdir(folder);
    await put(join(folder, "cats", "x.txt"), "");
    await put(join(folder, "dogs", "x.txt"), "");
    for (const [i, name] of names.entries())
      await rename(join(folder, name), join(folder, i < 2 ? "cats" : "dogs", name));
    const found = await inspect(folder);
    expect(finding(found, "classes").data).toEqual([
      { name: "cats", count: 2 },
      { name: "dogs", count: 21 },
    ]);
    expect(found.warnings).toEqual([expect.stringMatching(/dogs has 21 images, cats 2/)]);
  });

  it("takes further checks, which see the pixels that would be trained on", async () => {
    const seen: [number, string, number][] = [];
    const found = await inspectData({
      ...{ source: await folderOf(5), split: "all", resolution: 16 },
      checks: [
        ...CHECKS,
        ({ size, count }) => ({
          observe: async ({ index, path, pixels }) => {
            await Promise.resolve();
            seen.push([index, path, pixels.length]);
          },
          finish: async () => ({
            name: "mine",
            lines: [`${count} at ${size}`],
            warnings: ["beware"],
            data: 7,
          }),
        }),
      ],
    });
    expect(seen).toEqual([0, 1, 2, 3, 4].map((i) => [i, `0${i}.png`, 16 * 16 * 3]));
    expect(finding(found, "mine")).toMatchObject({ text: "5 at 16", data: 7 });
    expect(found.warnings).toEqual(["beware"]);
  });

  it("says so where nothing can be used", async () => {
    const folder = newFolder();
    await put(join(folder, "broken.png"), "not an image");
    const found = await inspect(folder);
    expect(found).toMatchObject({ found: 1, used: 0, warnings: [] });
    expect(finding(found, "sizes").data).toMatchObject({ width: null, elongated: [] });
  });

  it("stops when told to", async () => {
    const abort = new AbortController();
    const folder = await folderOf(10);
    const onProgress = ({ done }: { done: number }): void => {
      if (done === 3) abort.abort(new Error("enough"));
    };
    const options = {
      source: folder,
      split: "all",
      resolution: 16,
      onProgress,
      signal: abort.signal,
    } as const;
    await expect(inspectData(options)).rejects.toThrow("enough");
  });
});
