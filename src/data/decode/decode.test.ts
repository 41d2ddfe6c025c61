import { chmodSync } from "node:fs";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { UnusableImage } from "../sources/source.ts";
import { type Color, hugePng, picture, put, temporaryFolders } from "../testing/images.node.ts";
import { decodeImage, squarePixels } from "./decode.node.ts";
import type { Square } from "./preprocessing.ts";

const newFolder = temporaryFolders();
const ORANGE: Color = [200, 100, 50];
const QUARTERS: readonly Color[] = [
  [220, 30, 30],
  [30, 200, 40],
  [40, 50, 210],
  [230, 210, 60],
];

/** Four differently colored quarters: red, green / blue, yellow. */
function quartered(width: number, height: number): Sharp {
  return picture(width, height, (x, y) => QUARTERS[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)]!);
}

/** Colors in the middles of the four quarters of a square. */
function quarterColors(pixels: Uint8Array, size: number): number[][] {
  const at = (x: number, y: number): number[] => [
    ...pixels.subarray(3 * (y * size + x), 3 * (y * size + x) + 3),
  ];
  const [a, b] = [Math.floor(size / 4), Math.floor((3 * size) / 4)];
  return [at(a, a), at(b, a), at(a, b), at(b, b)];
}

function expectNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  for (const [i, value] of actual.entries())
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(tolerance);
}

/** The default preprocessing. */
function plain(size: number): Square {
  return { size, preprocessing: "centre-crop", resize: "lanczos3" };
}

async function decodeBytes(name: string, bytes: Uint8Array | string, size = 32) {
  const path = join(newFolder(), name);
  await put(path, bytes);
  return decodeImage(path, plain(size), name);
}

async function reasonFor(name: string, bytes: Uint8Array | string): Promise<string> {
  const error: unknown = await decodeBytes(name, bytes).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UnusableImage);
  return (error as UnusableImage).message;
}

describe("formats and colors", () => {
  const orange = (): Sharp => picture(50, 40, () => ORANGE);
  it.each<[string, () => Sharp, number]>([
    ["a.png", () => orange().png(), 0],
    ["a.jpg", () => orange().jpeg({ quality: 95 }), 3],
    ["a.webp", () => orange().webp({ lossless: true }), 1],
    ["a.gif", () => orange().gif(), 1],
    ["a.tiff", () => orange().tiff({ compression: "lzw" }), 0],
    ["a.avif", () => orange().avif({ quality: 90 }), 4],
    ["palette.png", () => orange().png({ palette: true }), 1],
    ["interlaced.png", () => orange().png({ progressive: true }), 0],
    ["16-bit.png", () => orange().toColorspace("rgb16").png(), 1],
    ["16-bit.tiff", () => orange().toColorspace("rgb16").tiff(), 1],
  ])("%s", async (name, image, tolerance) => {
    const { pixels, width, height } = await decodeBytes(name, await image().toBuffer());
    expect([width, height]).toEqual([50, 40]);
    expect(pixels).toHaveLength(32 * 32 * 3);
    for (const color of quarterColors(pixels, 32)) expectNear(color, ORANGE, tolerance);
  });

  it("16-bit pictures really are 16-bit, so the test above means something", async () => {
    const bytes = await orange().toColorspace("rgb16").png().toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe("ushort");
  });

  it("CMYK comes back as nearly the same color (it has a smaller gamut)", async () => {
    const bytes = await orange().toColorspace("cmyk").jpeg({ quality: 95 }).toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe("cmyk");
    expectNear(quarterColors((await decodeBytes("cmyk.jpg", bytes)).pixels, 32)[0]!, ORANGE, 40);
  });

  it.each(["b-w", "grey16"] as const)("grayscale (%s) becomes three equal channels", async (space) => {
    const bytes = await picture(40, 40, () => [90, 90, 90])
      .toColorspace(space)
      .png()
      .toBuffer();
    expect((await sharp(bytes).metadata()).channels).toBe(1);
    expect(new Set((await decodeBytes("gray.png", bytes)).pixels)).toEqual(new Set([90]));
  });

  it("transparency is composited on white", async () => {
    const background = { r: 200, g: 100, b: 50, alpha: 0.5 };
    const bytes = await sharp({ create: { width: 40, height: 40, channels: 4, background } })
      .png()
      .toBuffer();
    expectNear(quarterColors((await decodeBytes("half.png", bytes)).pixels, 32)[0]!, [227, 177, 152], 1);
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    const nothing = await sharp({ create: { width: 40, height: 40, channels: 4, background: clear } })
      .png()
      .toBuffer();
    expect(new Set((await decodeBytes("clear.png", nothing)).pixels)).toEqual(new Set([255]));
  });

  it("drawings are drawn at the wanted size: their edges stay sharp", async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="white"/><rect width="4" height="8" fill="black"/></svg>';
    const { pixels } = await decodeBytes("a.svg", svg, 64);
    const row = Array.from({ length: 64 }, (_, x) => pixels[3 * (10 * 64 + x)]!);
    expect(row.filter((value) => value > 8 && value < 247).length).toBeLessThanOrEqual(2);
  });
});

describe("orientation", () => {
  it("the stored picture differs from the upright one, so the next test means something", async () => {
    const turned = await quartered(64, 48).rotate(90).png().toBuffer();
    const { pixels } = await decodeBytes("turned.png", turned);
    expectNear(quarterColors(pixels, 32)[0]!, QUARTERS[2]!, 2);
  });

  /** What a camera stores so that the EXIF orientation makes it upright. */
  const stored: Record<number, (upright: Sharp) => Promise<Buffer>> = {
    1: (image) => image.png().toBuffer(),
    2: (image) => image.flop().png().toBuffer(),
    3: (image) => image.rotate(180).png().toBuffer(),
    4: (image) => image.flip().png().toBuffer(),
    5: async (image) =>
      sharp(await image.rotate(90).png().toBuffer())
        .flop()
        .png()
        .toBuffer(),
    6: (image) => image.rotate(270).png().toBuffer(),
    7: async (image) =>
      sharp(await image.rotate(90).png().toBuffer())
        .flip()
        .png()
        .toBuffer(),
    8: (image) => image.rotate(90).png().toBuffer(),
  };
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("EXIF orientation %i comes out upright", async (orientation) => {
    const bytes = await sharp(await stored[orientation]!(quartered(64, 48)))
      .withMetadata({ orientation })
      .jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
      .toBuffer();
    expect((await sharp(bytes).metadata()).orientation).toBe(orientation);
    const { pixels, width, height } = await decodeBytes("photo.jpg", bytes);
    expect([width, height]).toEqual([64, 48]);
    for (const [i, color] of quarterColors(pixels, 32).entries()) expectNear(color, QUARTERS[i]!, 10);
  });
});

describe("cropping and resizing", () => {
  it.each([
    [96, 32],
    [32, 96],
  ])("takes the center of %i×%i", async (width, height) => {
    const middle = (at: number, side: number): boolean => Math.abs(at + 0.5 - side / 2) < 16;
    const image = picture(width, height, (x, y) =>
      middle(x, width) && middle(y, height) ? [10, 20, 200] : [250, 10, 10],
    );
    const { pixels } = await decodeBytes("wide.png", await image.png().toBuffer());
    for (let i = 0; i < pixels.length; i += 3) expect([...pixels.subarray(i, i + 3)]).toEqual([10, 20, 200]);
  });

  it("does not alias: a fine checkerboard becomes even gray", async () => {
    const image = picture(300, 300, (x, y) => ((x + y) % 2 === 0 ? [255, 255, 255] : [0, 0, 0]));
    const { pixels } = await decodeBytes("fine.png", await image.png().toBuffer());
    for (const value of pixels) expect(Math.abs(value - 128)).toBeLessThanOrEqual(6);
  });

  it("leaves pixels of the right size alone, and resizes others", async () => {
    const exact = new Uint8Array(16 * 16 * 3).fill(7);
    expect(await squarePixels(exact, 16, 16, plain(16), "")).toBe(exact);
    const larger = await squarePixels(exact, 16, 16, plain(24), "");
    expect(larger).toHaveLength(24 * 24 * 3);
    expect(new Set(larger)).toEqual(new Set([7]));
  });
});

describe("files that cannot be used", () => {
  it("names the reason", async () => {
    expect(await reasonFor("text.png", "This is not a picture.")).toMatch(/not an image/);
    expect(await reasonFor("empty.jpg", "")).toBe("empty file");
    const noise = picture(200, 200, (x, y) => [(x * y) % 251, (x * 7 + y * 13) % 256, (x ^ y) % 256]);
    for (const [name, image] of [
      ["half.jpg", noise.clone().jpeg()],
      ["half.png", noise.clone().png()],
    ] as const) {
      const bytes = await image.toBuffer();
      expect(await reasonFor(name, bytes.subarray(0, bytes.length / 2))).toMatch(/^damaged: /);
    }
  });

  it("a single pixel is too small; a quarter of the resolution will do", async () => {
    const square = (side: number): Promise<Buffer> =>
      picture(side, side, () => ORANGE)
        .png()
        .toBuffer();
    expect(await reasonFor("dot.png", await square(1))).toMatch(/too small to be enlarged to 32×32/);
    expect(await reasonFor("seven.png", await square(7))).toMatch(/too small/);
    expectNear((await decodeBytes("eight.png", await square(8))).pixels.subarray(0, 3) as never, ORANGE, 0);
  });

  it("30,000×30,000 pixels are refused by their header, before any memory is taken", async () => {
    const before = process.memoryUsage().rss;
    expect(await reasonFor("huge.png", hugePng(30_000))).toMatch(/30000×30000.*201 megapixels.*smaller copy/);
    // Decoded it would be 2.7 GB. What making the file takes (112 MB of rows) is in this too.
    expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
  });

  it("large images, which wait for each other, all come out", async () => {
    const path = join(newFolder(), "large.png");
    await put(path, hugePng(6_000));
    const all = await Promise.all([1, 2, 3].map(() => decodeImage(path, plain(16), "")));
    for (const { width, pixels } of all) {
      expect(width).toBe(6000);
      expect(new Set(pixels)).toEqual(new Set([0]));
    }
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === "win32")("no permission", async () => {
    const path = join(newFolder(), "locked.png");
    await put(
      path,
      await picture(40, 40, () => ORANGE)
        .png()
        .toBuffer(),
    );
    chmodSync(path, 0);
    await expect(decodeImage(path, plain(32), "")).rejects.toThrow("no permission to read it");
  });

  it("a file that vanished", async () => {
    await expect(decodeImage(join(newFolder(), "gone.png"), plain(32), "")).rejects.toThrow(/vanished/);
  });
});
