/**
 * Colors come out right whatever the depth, the profile and the kind of samples; what cannot be
 * placed is left out with a reason.
 */
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import {
  ADOBE_RGB,
  type ColorSpace,
  grayInSrgb,
  grayProfile,
  inSrgb,
  pngWithProfile,
  rgbProfile,
  WIDE,
} from "../testing/icc.ts";
import { type TiffSamples, tiffOf } from "../testing/tiff.ts";
import { decodeImage } from "./decode.node.ts";
import type { Square } from "./preprocessing.ts";

const SIDE = 24;
const N = SIDE * SIDE;
const COLORS = [
  [200, 40, 60],
  [30, 180, 90],
  [20, 60, 220],
  [120, 120, 120],
] as const;
const SQUARES: readonly Square[] = [
  { size: 12, preprocessing: "centre-crop", resize: "lanczos3" },
  { size: SIDE, preprocessing: "centre-crop", resize: "bilinear-tf1" },
];

type Numbers = Uint8Array | Uint16Array | Float32Array;
const wide = (color: readonly number[]): number[] => color.map((value) => 257 * value);
const bytes = (...color: number[]) =>
  Uint8Array.from({ length: N * color.length }, (_, i) => color[i % color.length]!);
const words = (...color: number[]) =>
  Uint16Array.from({ length: N * color.length }, (_, i) => color[i % color.length]!);
const tiff = (
  channels: number,
  bits: number,
  data: ArrayBufferView,
  more: Partial<TiffSamples> = {},
): Buffer => tiffOf({ width: SIDE, height: SIDE, channels, bits, data, ...more });

async function png(
  data: Numbers,
  channels: 1 | 3,
  space: "srgb" | "rgb16" | "b-w" | "grey16",
): Promise<Buffer> {
  const raw = { width: SIDE, height: SIDE, channels };
  return sharp(data, { raw }).toColorspace(space).png().toBuffer();
}

/** The one color that the decoded picture has everywhere, by both ways of making squares. */
async function colorOf(file: Buffer): Promise<number[]> {
  const [first, second] = await Promise.all(SQUARES.map((square) => decodeImage(file, square, "")));
  for (const { pixels } of [first!, second!])
    for (let i = 0; i < pixels.length; i++)
      expect(Math.abs(pixels[i]! - first!.pixels[i % 3]!)).toBeLessThanOrEqual(1);
  return [...first!.pixels.subarray(0, 3)];
}

function expectColor(actual: readonly number[], expected: readonly number[], tolerance = 1): void {
  for (const [i, value] of actual.entries())
    expect(Math.abs(value - expected[i]!), `${actual} for ${expected}`).toBeLessThanOrEqual(tolerance);
}

const reasonOf = (file: Buffer): Promise<unknown> =>
  decodeImage(file, SQUARES[0]!, "").then(
    () => "decoded",
    (error: Error) => error.message,
  );

describe("profiles", () => {
  const spaces: [string, ColorSpace][] = [
    ["Adobe RGB", ADOBE_RGB],
    ["Display P3's primaries", WIDE],
  ];
  it.each(spaces)("%s, at 8 and 16 bits, in PNG and TIFF", async (_, space) => {
    const icc = rgbProfile(space);
    for (const color of COLORS) {
      const expected = inSrgb(color, space);
      const files = [
        pngWithProfile(await png(bytes(...color), 3, "srgb"), icc),
        pngWithProfile(await png(words(...wide(color)), 3, "rgb16"), icc),
        tiff(3, 8, bytes(...color), { icc }),
        tiff(3, 16, words(...wide(color)), { icc }),
        tiff(4, 16, words(...wide([...color, 255])), { icc, extra: [2] }),
        tiff(4, 16, words(...wide([...color, 0])), { icc, extra: [0] }),
      ];
      for (const file of files) expectColor(await colorOf(file), expected);
    }
  });

  it("the profile matters, so the tests above mean something", () => {
    expect(inSrgb(COLORS[0], ADOBE_RGB)).toEqual([233, 35, 58]);
    expect(grayInSrgb(40, 461 / 256)).toBeGreaterThan(50);
  });

  it("sRGB's own profile changes nothing, at 8 and 16 bits", async () => {
    const icc = (
      await sharp(
        await sharp(await png(bytes(1, 2, 3), 3, "srgb"))
          .withIccProfile("srgb")
          .png()
          .toBuffer(),
      ).metadata()
    ).icc!;
    for (const color of COLORS)
      for (const file of [
        pngWithProfile(await png(bytes(...color), 3, "srgb"), icc),
        pngWithProfile(await png(words(...wide(color)), 3, "rgb16"), icc),
        tiff(3, 16, words(...wide(color)), { icc }),
      ])
        expectColor(await colorOf(file), color);
  });

  it("of grays, at 8 and 16 bits", async () => {
    const gamma = 461 / 256;
    const icc = grayProfile(gamma);
    for (const value of [10, 40, 128, 250]) {
      const gray = grayInSrgb(value, gamma);
      for (const file of [
        pngWithProfile(await png(bytes(value), 1, "b-w"), icc),
        pngWithProfile(await png(words(257 * value), 1, "grey16"), icc),
        tiff(1, 16, words(257 * value), { icc }),
        tiff(2, 16, words(257 * value, 65535), { icc, extra: [2], photometric: 1 }),
      ])
        expectColor(await colorOf(file), [gray, gray, gray], 2);
    }
  });

  it("of another kind than the picture are not looked at", async () => {
    const file = pngWithProfile(await png(words(40 * 257), 1, "grey16"), rgbProfile(ADOBE_RGB));
    expectColor(await colorOf(file), [40, 40, 40]);
    expectColor(await colorOf(tiff(3, 16, words(...wide(COLORS[0])), { icc: grayProfile(1.8) })), COLORS[0]);
  });

  it("AVIF of 8, 10 and 12 bits with one profile look the same", async () => {
    const source = pngWithProfile(await png(bytes(...COLORS[0]), 3, "srgb"), rgbProfile(WIDE));
    for (const bitdepth of [8, 10, 12] as const) {
      const file = await sharp(source).keepIccProfile().avif({ quality: 100, bitdepth }).toBuffer();
      expect((await sharp(file).metadata()).depth).toBe(bitdepth === 8 ? "uchar" : "ushort");
      expectColor(await colorOf(file), inSrgb(COLORS[0], WIDE), 4);
    }
  });

  it("CMYK of 8 and 16 bits agree", async () => {
    const inks = [10, 200, 100, 0];
    const narrow = await colorOf(tiff(4, 8, bytes(...inks), { photometric: 5 }));
    expect(narrow[0]).toBeGreaterThan(narrow[1]! + 100);
    expectColor(await colorOf(tiff(4, 16, words(...wide(inks)), { photometric: 5 })), narrow, 2);
    expectColor(await colorOf(tiff(5, 8, bytes(...inks, 0), { photometric: 5, extra: [0] })), narrow);
  });
});

describe("samples", () => {
  it("whose black and white nobody knows are left out, and say how to convert them", async () => {
    const gray = { photometric: 1 };
    const cases: [RegExp, Buffer][] = [
      [
        /^floating-point samples/,
        tiff(
          1,
          32,
          Float32Array.from({ length: N }, (_, i) => i / N),
          { format: 3 },
        ),
      ],
      [/^floating-point samples/, tiff(1, 16, words(0x3800), { format: 3 })],
      [/^64-bit floating-point samples/, tiff(1, 64, new Float64Array(N), { format: 3 })],
      [/^floating-point samples/, tiff(3, 32, new Float32Array(3 * N), { format: 3 })],
      [/^32-bit integer samples/, tiff(1, 32, new Uint32Array(N), gray)],
      [/^signed 32-bit samples/, tiff(1, 32, new Int32Array(N), { format: 2 })],
      [/^signed 16-bit samples/, tiff(3, 16, new Int16Array(3 * N), { format: 2 })],
      [/^signed 8-bit samples/, tiff(1, 8, new Int8Array(N), { format: 2 })],
      [/^12-bit samples/, tiff(1, 12, new Uint8Array(1.5 * N))],
      [/^64-bit complex samples/, tiff(1, 64, new Float32Array(2 * N), { format: 6 })],
    ];
    for (const [reason, file] of cases) {
      const told = await reasonOf(file);
      expect(told).toMatch(reason);
      expect(told).toMatch(/convert it to 8 or 16 bits a channel$/);
    }
  });

  it("of 1, 2, 4, 8 and 16 bits are placed, white first or black first", async () => {
    const gray = (value: number) => [value, value, value];
    const cases: [number, Buffer][] = [
      [255, tiff(1, 1, new Uint8Array(N / 8).fill(255))],
      [0, tiff(1, 1, new Uint8Array(N / 8).fill(255), { photometric: 0 })],
      [170, tiff(1, 2, new Uint8Array(N / 4).fill(0xaa))],
      [136, tiff(1, 4, new Uint8Array(N / 2).fill(0x88))],
      [120, tiff(1, 8, bytes(120), { big: true })],
      [135, tiff(1, 16, words(120 * 257), { photometric: 0 })],
    ];
    for (const [value, file] of cases) expectColor(await colorOf(file), gray(value));
  });

  it.each([8, 16])("beyond the colors are transparency only if the file says so (%i bits)", async (bits) => {
    const data = (...color: number[]) => (bits === 8 ? bytes(...color) : words(...wide(color)));
    const [r, g, b] = COLORS[0];
    for (const extra of [[0], undefined]) {
      const more = extra ? { extra } : {};
      expectColor(await colorOf(tiff(4, bits, data(r, g, b, 0), more)), COLORS[0]);
      expectColor(await colorOf(tiff(2, bits, data(90, 0), { ...more, photometric: 1 })), [90, 90, 90]);
    }
    expectColor(await colorOf(tiff(5, bits, data(r, g, b, 0, 9), { extra: [0, 0] })), COLORS[0]);
    expectColor(await colorOf(tiff(4, bits, data(r, g, b, 0), { extra: [2] })), [255, 255, 255]);
    expectColor(await colorOf(tiff(4, bits, data(0, 0, 0, 0), { extra: [1] })), [255, 255, 255]);
    expect(await reasonOf(tiff(5, bits, data(r, g, b, 9, 0), { extra: [0, 2] }))).toMatch(
      /^5 samples a pixel, transparency and others among them/,
    );
    expect(
      await reasonOf(
        tiff(8, bits, data(1, 2, 3, 4, 5, 6, 7, 8), { photometric: 1, extra: [0, 0, 0, 0, 0, 0, 0] }),
      ),
    ).toMatch(/8 samples a pixel: keep the colors/);
  });
});
