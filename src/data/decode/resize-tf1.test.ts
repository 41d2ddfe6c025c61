import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";
import { resizeBilinearTf1 } from "./resize-tf1.ts";

const cases = z
  .array(
    z.object({
      width: z.int(),
      height: z.int(),
      size: z.int(),
      pixels: z.array(z.int()),
      resized: z.array(z.number()),
    }),
  )
  .parse(
    JSON.parse(
      readFileSync(new URL("../../../test/goldens/data/bilinear-tf1.json", import.meta.url), "utf8"),
    ),
  );

it.each(cases)("$width×$height → $size as PyTorch's grid_sample does it at TF1's places", (golden) => {
  const out = resizeBilinearTf1(Uint8Array.from(golden.pixels), golden.width, golden.height, golden.size);
  expect(out).toHaveLength(golden.resized.length);
  for (const [i, value] of out.entries())
    expect(Math.abs(value - golden.resized[i]!)).toBeLessThanOrEqual(0.501);
});

it("begins at the first pixel and takes every second when halving: it aliases", () => {
  const pixels = Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) => (Math.floor(i / 3) % 2 === 0 ? 255 : 0));
  expect(new Set(resizeBilinearTf1(pixels, 4, 4, 2))).toEqual(new Set([255]));
});
