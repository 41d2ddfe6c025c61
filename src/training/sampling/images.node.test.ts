/** Pictures and other files on disk: right pixels, whole or not at all. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFileWhole } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { writeGif, writePng } from "./images.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarterturn-images-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const picture = { width: 3, height: 2, pixels: Uint8Array.from({ length: 18 }, (_, i) => i * 14) };

describe("pictures", () => {
  it("come back from a PNG pixel by pixel", async () => {
    const path = join(folder, "a.png");
    await writePng(path, picture);
    const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels, info.format]).toEqual([3, 2, 3, "raw"]);
    expect(new Uint8Array(data)).toEqual(picture.pixels);
    expect(await readdir(folder)).toEqual(["a.png"]);
  });

  it("make a GIF another program can read, frame by frame", async () => {
    const path = join(folder, "a.gif");
    await writeGif(path, [picture, { ...picture, pixels: picture.pixels.map((value) => 255 - value) }], 80);
    const { width, pages, delay } = await sharp(path, { animated: true }).metadata();
    expect([width, pages, delay]).toEqual([3, 2, [80, 80]]);
    // Palettes are rounded to 5 and 6 bits a channel.
    const first = await sharp(path).removeAlpha().raw().toBuffer();
    first.forEach((value, i) => {
      expect(Math.abs(value - picture.pixels[i]!)).toBeLessThan(9);
    });
  });
});

describe("writeFileWhole", () => {
  it("replaces a file, leaving nothing beside it", async () => {
    const path = join(folder, "a.json");
    await writeFileWhole(path, "old");
    await writeFileWhole(path, "new");
    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["a.json"]);
  });

  it("two at once leave one of the two, whole", async () => {
    const path = join(folder, "both.txt");
    const [a, b] = ["a", "b"].map((letter) => letter.repeat(1 << 20));
    await Promise.all([writeFileWhole(path, a!), writeFileWhole(path, b!)]);
    expect([a, b]).toContain(await readFile(path, "utf8"));
  });

  it("leaves the old file and nothing else when it fails", async () => {
    const path = join(folder, "a");
    await mkdir(path);
    await writeFile(join(path, "inside"), "");
    await expect(writeFileWhole(path, "new")).rejects.toThrow();
    expect(await readdir(folder)).toEqual(["a"]);
    expect(await readdir(path)).toEqual(["inside"]);
  });

  // The superuser may write anywhere.
  it.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
    "says when it may not write",
    async () => {
      await chmod(folder, 0o500);
      await expect(writeFileWhole(join(folder, "a"), "new")).rejects.toBeInstanceOf(UserError);
      await chmod(folder, 0o700);
    },
  );
});
