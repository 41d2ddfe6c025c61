/** Enlarging keeps every pixel and adds none. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { enlarge, scaleFor } from "./enlarge.ts";
import { encodeGif } from "./sampling/gif.ts";

it("makes every pixel a square of equal pixels", () => {
  const sizes = fc.record({
    width: fc.integer({ min: 1, max: 4 }),
    height: fc.integer({ min: 1, max: 3 }),
    scale: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(sizes, ({ width, height, scale }) => {
      const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => i);
      const large = enlarge({ width, height, pixels }, scale);
      expect([large.width, large.height]).toEqual([width * scale, height * scale]);
      expect(large.pixels).toHaveLength(pixels.length * scale * scale);
      for (let y = 0; y < large.height; y++)
        for (let x = 0; x < large.width; x++)
          for (let c = 0; c < 3; c++)
            expect(large.pixels[(y * large.width + x) * 3 + c]).toBe(
              pixels[(Math.floor(y / scale) * width + Math.floor(x / scale)) * 3 + c],
            );
    }),
    { numRuns: 25 },
  );
});

it("comes as near as whole numbers can to the width that is wanted, and never makes smaller", () => {
  expect(scaleFor(270, 1000)).toBe(4);
  expect(scaleFor(134, 512)).toBe(4);
  expect(scaleFor(3000, 1000)).toBe(1);
});

it("a GIF says its enlarged size", () => {
  const bytes = encodeGif([{ width: 2, height: 3, pixels: new Uint8Array(18).fill(7) }], 100, 5);
  expect([bytes[6]! + 256 * bytes[7]!, bytes[8]! + 256 * bytes[9]!]).toEqual([10, 15]);
});
