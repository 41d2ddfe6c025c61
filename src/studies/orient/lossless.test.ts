/**
 * Rotated copies keep depth, pages, profile and color model of their originals, or are the
 * originals, with what would be lost.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADOBE_RGB, grayProfile, pngWithProfile, rgbProfile } from "../../data/testing/icc.ts";
import { hugePng } from "../../data/testing/images.node.ts";
import { tiffOf } from "../../data/testing/tiff.ts";
import { writeUpright } from "./upright.ts";
import type { Turns } from "./vote.ts";

const [WIDTH, HEIGHT] = [24, 16];
const N = WIDTH * HEIGHT;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarterturn-lossless-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Every value another one, and none of the 16-bit ones a repeated byte. */
const words = (channels: number) =>
  Uint16Array.from({ length: N * channels }, (_, i) => (i * 7919 + 12_345) % 65_536);
const bytes = (channels: number) => Uint8Array.from({ length: N * channels }, (_, i) => (i * 97 + 13) % 256);
const raw = (data: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4): Sharp =>
  sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
const tiff = (channels: number, bits: number, data: ArrayBufferView, more: object = {}): Buffer =>
  tiffOf({ width: WIDTH, height: HEIGHT, channels, bits, data, ...more });
const gray16 = () => raw(words(1), 1).toColorspace("grey16").png().toBuffer();
const rgb16 = () => raw(words(3), 3).toColorspace("rgb16").png().toBuffer();

/** The stored numbers, rotated clockwise. */
async function numbers(file: Buffer, turns: Turns): Promise<string> {
  const { depth, space } = await sharp(file).metadata();
  const image = sharp(file, { ignoreIcc: true }).rotate(90 * turns);
  const kept = space === "cmyk" ? image.pipelineColorspace("cmyk") : image;
  const { data, info } = await kept.toColorspace(space!).raw({ depth }).toBuffer({ resolveWithObject: true });
  return `${info.width}×${info.height}×${info.channels} ${data.toString("base64")}`;
}

const KEPT = [
  "depth",
  "space",
  "channels",
  "hasAlpha",
  "isPalette",
  "bitsPerSample",
  "pages",
  "density",
] as const;

async function expectRotated(name: string, file: Buffer): Promise<void> {
  for (const turns of [1, 2, 3] as const) {
    await writeFile(join(folder, name), file);
    const written = await writeUpright(join(folder, name), join(folder, "out"), `${turns}-${name}`, turns);
    expect(written).toEqual({ path: `${turns}-${name}`, kind: "turned" });
    const copy = await readFile(join(folder, "out", written.path));
    const [before, after] = [await sharp(file).metadata(), await sharp(copy).metadata()];
    for (const key of KEPT) expect(`${key} ${after[key]}`).toBe(`${key} ${before[key]}`);
    expect(after.icc?.toString("hex")).toBe(before.icc?.toString("hex"));
    expect(await numbers(copy, 0)).toBe(await numbers(file, turns));
  }
}

async function expectLeft(name: string, file: Buffer | string, reason: RegExp): Promise<void> {
  await writeFile(join(folder, name), file);
  const written = await writeUpright(join(folder, name), join(folder, "out"), name, 1);
  expect(written).toEqual({ path: name, kind: "left", reason: expect.stringMatching(reason) });
  expect(await readFile(join(folder, "out", name))).toEqual(Buffer.from(file as string));
}

describe("are rotated, with all they have", () => {
  it.each<[string, () => Promise<Buffer> | Buffer]>([
    ["rgb16.png", rgb16],
    ["grey16.png", gray16],
    ["adobe16.png", async () => pngWithProfile(await rgb16(), rgbProfile(ADOBE_RGB))],
    [
      "adobe8.png",
      async () => pngWithProfile(await raw(bytes(3), 3).png().toBuffer(), rgbProfile(ADOBE_RGB)),
    ],
    ["grayprofile16.png", async () => pngWithProfile(await gray16(), grayProfile(1.8))],
    ["rgba16.png", () => raw(words(4), 4).toColorspace("rgb16").png().toBuffer()],
    ["gray8.png", () => raw(bytes(1), 1).toColorspace("b-w").png().toBuffer()],
    ["dense.png", () => raw(bytes(3), 3).withDensity(300).png().toBuffer()],
    ["palette.png", () => raw(bytes(3), 3).png({ palette: true, colors: 16 }).toBuffer()],
    ["rgb16.tif", () => tiff(3, 16, words(3))],
    ["grey16.tif", () => tiff(1, 16, words(1))],
    ["profile16.tif", () => tiff(3, 16, words(3), { icc: rgbProfile(ADOBE_RGB) })],
    ["bilevel.tif", () => tiff(1, 1, bytes(1).subarray(0, N / 8))],
    ["bilevel-white-first.tif", () => tiff(1, 1, bytes(1).subarray(0, N / 8), { photometric: 0 })],
    ["cmyk.tif", () => tiff(4, 8, bytes(4), { photometric: 5 })],
    ["lossless.webp", () => raw(bytes(4), 4).webp({ lossless: true, exact: true }).toBuffer()],
  ])("%s", async (name, make) => expectRotated(name, await make()));
});

describe("are left as they are, with what would be lost", () => {
  const pages = async (): Promise<Buffer[]> =>
    Promise.all(
      [1, 2, 3].map((i) =>
        raw(
          bytes(3).map((value) => value + i),
          3,
        )
          .png()
          .toBuffer(),
      ),
    );
  it.each<[string, () => Promise<Buffer> | Buffer | string, RegExp]>([
    [
      "pages.tif",
      async () =>
        sharp(await pages(), { join: { animated: true } })
          .tiff()
          .toBuffer(),
      /3 pages or frames/,
    ],
    [
      "moving.gif",
      async () =>
        sharp(await pages(), { join: { animated: true } })
          .gif()
          .toBuffer(),
      /3 pages or frames/,
    ],
    [
      "moving.webp",
      async () =>
        sharp(await pages(), { join: { animated: true } })
          .webp()
          .toBuffer(),
      /3 pages or frames/,
    ],
    ["one-bit-gray.png", () => hugePng(16), /its number of bits/],
    ["infrared.tif", () => tiff(4, 8, bytes(4), { extra: [0] }), /the meaning of its samples/],
    ["drawing.svg", () => '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', /a drawing/],
  ])("%s", async (name, make, reason) => expectLeft(name, Buffer.from((await make()) as Buffer), reason));

  it.each([8, 10] as const)("AVIF of %i bits, unless it comes out the same", async (bitdepth) => {
    const file = await raw(bytes(3), 3).avif({ quality: 60, bitdepth }).toBuffer();
    await writeFile(join(folder, "a.avif"), file);
    const { kind } = await writeUpright(join(folder, "a.avif"), join(folder, "out"), "a.avif", 1);
    const copy = await readFile(join(folder, "out", "a.avif"));
    if (kind === "left") expect(copy).toEqual(file);
    else expect(await numbers(copy, 0)).toBe(await numbers(file, 1));
  });
});

it("a name as long as names may be is no obstacle", async () => {
  const name = `${"a".repeat(251)}.png`;
  await writeFile(join(folder, name), await rgb16());
  for (const turns of [0, 1] as const)
    expect((await writeUpright(join(folder, name), join(folder, "long"), name, turns)).path).toBe(name);
});
