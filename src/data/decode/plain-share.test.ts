import { describe, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import { smallOnGroundShare } from "./plain-share.ts";

const SIDE = 16;
const random = randomStream(1, "plain share");

/**
 * A picture whose ground has one color, give or take `noise` levels, with a thing of random colors
 * in the middle.
 */
function drawing(noise: number, thing = 8): Uint8Array {
  const ground = [0, 1, 2].map(() => 40 + random.integer(200));
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++)
      for (let channel = 0; channel < 3; channel++) {
        const inside = Math.max(Math.abs(x - 7.5), Math.abs(y - 7.5)) < thing / 2;
        const level = inside ? random.integer(256) : ground[channel]! + random.integer(2 * noise + 1) - noise;
        pixels[(y * SIDE + x) * 3 + channel] = Math.max(0, Math.min(255, level));
      }
  return pixels;
}
const photograph = (): Uint8Array => Uint8Array.from({ length: SIDE * SIDE * 3 }, () => random.integer(256));

function share(images: readonly Uint8Array[]): number {
  const pixels = new Uint8Array(images.flatMap((image) => [...image]));
  return smallOnGroundShare({
    count: images.length,
    size: SIDE,
    labels: undefined,
    read: (index, out, offset) =>
      out.set(pixels.subarray(index * SIDE * SIDE * 3, (index + 1) * SIDE * SIDE * 3), offset),
  });
}

describe("the share of images that are plain ground for the most part", () => {
  const some = (count: number, make: () => Uint8Array): Uint8Array[] => Array.from({ length: count }, make);

  it("is 1 for drawings, whatever the color of the ground, and for what JPEG makes of them", () => {
    expect(share(some(40, () => drawing(0)))).toBe(1);
    expect(share(some(40, () => drawing(4)))).toBe(1);
  });

  it("is 0 for things that fill the picture", () => {
    expect(share(some(40, () => drawing(0, 14)))).toBe(0);
  });

  it("is 0 for photographs", () => {
    expect(share(some(40, photograph))).toBe(0);
  });

  it("is a share for a mixture", () => {
    expect(share([...some(30, () => drawing(0)), ...some(10, photograph)])).toBe(0.75);
  });

  it("does not mind a thing that touches the border a little", () => {
    const touching = some(10, () => {
      const image = drawing(0);
      image.fill(0, 3 * 7, 3 * 10);
      return image;
    });
    expect(share(touching)).toBe(1);
  });
});
