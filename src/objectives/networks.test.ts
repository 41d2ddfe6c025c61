import { describe, expect, it } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { input } from "../graph/index.ts";
import { evaluate } from "../graph/testing/evaluate.ts";
import { decodeImages, encodeImages, encodePlanes } from "./images.ts";

/** All gray levels: 2 images of 3 channels, 8 × 8. */
const PIXELS = Uint8Array.from({ length: 2 * 8 * 8 * 3 }, (_, i) => (i * 7) % 256);

describe.each([
  ["unit", 0, 1],
  ["symmetric", -1, 1],
] as const)("images of the range %s", (range, low, high) => {
  it(`have black at ${low}, white at ${high} and channels apart`, async () => {
    const bytes = input("bytes", [1, 1, 2, 3], "uint8");
    const planes = decodeImages(bytes, range);
    expect(planes.shape).toEqual([1, 3, 1, 2]);
    const { y } = await evaluate({ y: planes }, new Map([[bytes, Uint8Array.of(0, 51, 255, 255, 0, 51)]]));
    const fifth = low + (high - low) / 5;
    expectClose(y as Float32Array, [low, high, fifth, low, high, fifth], { relative: 1e-6, name: "planes" });
  });

  it("come back from bytes to the same bytes, as pixels and as planes", async () => {
    const bytes = input("bytes", [2, 8, 8, 3], "uint8");
    const planes = decodeImages(bytes, range);
    const results = { pixels: encodeImages(planes, range), planes: encodePlanes(planes, range) };
    expect([results.pixels.shape, results.planes.shape]).toEqual([
      [2, 8, 8, 3],
      [2, 3, 8, 8],
    ]);
    const out = await evaluate(results, new Map([[bytes, PIXELS]]));
    expect(out.pixels).toEqual(PIXELS);
    const expected = Array.from({ length: PIXELS.length }, (_, i) => {
      const [image, channel, place] = [Math.floor(i / 192), Math.floor(i / 64) % 3, i % 64];
      return PIXELS[(image * 64 + place) * 3 + channel];
    });
    expect([...out.planes!]).toEqual(expected);
  });

  it("are cut at black and white and rounded to the nearest level", async () => {
    const level = (high - low) / 255;
    const values = [low - 1, high + 1, low + 1.4 * level, low + 1.6 * level];
    const x = input("x", [1, 1, 1, 4]);
    const { y } = await evaluate({ y: encodePlanes(x, range) }, new Map([[x, Float32Array.from(values)]]));
    expect([...y!]).toEqual([0, 255, 1, 2]);
  });
});
