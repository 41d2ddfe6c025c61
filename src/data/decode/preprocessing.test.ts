import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cropPixels,
  croppedSide,
  cropRegion,
  isPadded,
  losesHalf,
  outsideColor,
  type Preprocessing,
  type Square,
} from "./preprocessing.ts";

const square = (preprocessing: Preprocessing, size = 128): Square => ({
  size,
  preprocessing,
  resize: "lanczos3",
});

describe("cropRegion", () => {
  // tf.image.resize_image_with_crop_or_pad: crop from (length - target) // 2, pad by (target - length) // 2.
  it.each<[Preprocessing, number, number, [number, number, number, number]]>([
    ["centre-crop", 300, 201, [49, 0, 201, 201]],
    ["crop-or-pad", 341, 256, [106, 64, 128, 128]],
    ["crop-or-pad", 101, 300, [-13, 86, 128, 128]],
    ["crop-or-pad", 128, 128, [0, 0, 128, 128]],
    ["celeba-178", 178, 218, [0, 20, 178, 178]],
    ["pad-white", 300, 201, [0, -49, 300, 300]],
    ["pad-border", 10, 301, [-145, 0, 301, 301]],
    ["celeba-160", 178, 218, [9, 29, 160, 160]],
  ])("%s of %i×%i", (preprocessing, width, height, [left, top, w, h]) => {
    expect(cropRegion(square(preprocessing), width, height, "a")).toEqual({ left, top, width: w, height: h });
  });

  it("a random square has at least half the area and lies inside, or it is the whole image", () => {
    const side = fc.integer({ min: 1, max: 500 });
    fc.assert(
      fc.property(side, side, fc.string(), (width, height, key) => {
        const region = cropRegion(square("random-square-crop"), width, height, key);
        if (region.width !== region.height || region.width * region.height * 2 < width * height) {
          expect(Math.min(width, height) ** 2 * 2).toBeLessThan(width * height);
          expect(region).toEqual({ left: 0, top: 0, width, height });
        } else {
          expect(region.left >= 0 && region.left + region.width <= width).toBe(true);
          expect(region.top >= 0 && region.top + region.height <= height).toBe(true);
        }
      }),
    );
  });

  it("random squares differ between images, are the same for one, and use the whole range", () => {
    const crop = (key: string) => cropRegion(square("random-square-crop"), 100, 80, key);
    expect(crop("a")).toEqual(crop("a"));
    const many = Array.from({ length: 2000 }, (_, i) => crop(String(i)));
    const sides = many.map(({ width }) => width);
    expect([Math.min(...sides), Math.max(...sides)]).toEqual([64, 80]);
    // The place of a crop of 64 is uniform over 0 … 36.
    const lefts = many.filter(({ width }) => width === 64).map(({ left }) => left);
    expect(Math.max(...lefts)).toBeGreaterThan(30);
    expect(Math.min(...lefts)).toBeLessThan(6);
  });
});

it("cropPixels cuts out, and fills with zeros what is outside", () => {
  const pixels = Uint8Array.from({ length: 4 * 2 * 3 }, (_, i) => i + 1);
  expect([...cropPixels(pixels, 4, 2, { left: 1, top: 0, width: 2, height: 1 })]).toEqual([4, 5, 6, 7, 8, 9]);
  const padded = cropPixels(pixels, 4, 2, { left: 3, top: -1, width: 2, height: 3 });
  expect([...padded]).toEqual([0, 0, 0, 0, 0, 0, 10, 11, 12, 0, 0, 0, 22, 23, 24, 0, 0, 0]);
  expect(cropPixels(pixels, 4, 2, { left: 0, top: 0, width: 4, height: 2 })).toBe(pixels);
  expect(new Set(cropPixels(pixels, 4, 2, { left: 9, top: 9, width: 2, height: 2 }))).toEqual(new Set([0]));
});

it("knows what is enlarged and what gets a border", () => {
  expect(croppedSide(square("centre-crop"), 50, 90)).toBe(50);
  expect(croppedSide(square("celeba-178", 256), 178, 218)).toBe(178);
  expect(croppedSide(square("crop-or-pad"), 50, 90)).toBe(128);
  expect(isPadded(square("crop-or-pad"), 50, 300)).toBe(true);
  expect(isPadded(square("celeba-160", 64), 160, 160)).toBe(false);
  expect(isPadded(square("centre-crop"), 5, 5)).toBe(false);
});

it("padding keeps every pixel of the image and fills the rest with the color of its border, or white", () => {
  // A red figure that touches nothing, on blue, four by two.
  const blue = [10, 20, 200] as const;
  const pixels = Uint8Array.from([blue, blue, blue, blue, blue, [200, 0, 0], blue, blue].flat());
  for (const [preprocessing, fill] of [
    ["pad-border", blue],
    ["pad-white", [255, 255, 255]],
  ] as const) {
    const outside = outsideColor({ preprocessing }, pixels, 4, 2);
    expect(outside).toEqual(fill);
    const out = cropPixels(pixels, 4, 2, cropRegion(square(preprocessing), 4, 2, "a"), outside);
    expect(out).toHaveLength(4 * 4 * 3);
    expect(out.slice(12, 36)).toEqual(pixels);
    for (const at of [0, 9, 36, 45]) expect([...out.slice(at, at + 3)]).toEqual([...fill]);
  }
});

it("an image loses half where the crop is smaller than half of its longer side", () => {
  expect(losesHalf(square("celeba-178"), 400, 400)).toBe(true);
  expect(losesHalf(square("celeba-178"), 178, 218)).toBe(false);
  expect(losesHalf(square("centre-crop"), 1000, 400)).toBe(true);
  expect(losesHalf(square("pad-border"), 1000, 400)).toBe(false);
});
