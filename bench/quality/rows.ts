/**
 * One picture of what the sides of the quality bench made: a row a side, a column a set, the first
 * samples of seed 1, not selected. `tsx bench/quality/rows.ts OUT FILE --sides base,today --sets
 * photos,sprites [--budget 240] [--resolution 32]`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sides: { type: "string", default: "base,today" },
    sets: { type: "string", default: "emoji" },
    budget: { type: "string", default: "240" },
    resolution: { type: "string", default: "32" },
  },
});
const [out, file] = positionals;
if (!out || !file) throw new Error("Needed: OUT FILE");

/**
 * Samples in a row and in a column of a block; pixels of a sample and of the gap between blocks.
 */
const [BLOCK, PIXELS, GAP] = [6, 40, 10];
const side = Number(values.resolution);
const bytes = side * side * 3;
const pitch = BLOCK * PIXELS + GAP;

const [sides, sets] = [values.sides.split(","), values.sets.split(",")];
const parts = await Promise.all(
  sides.flatMap((name, row) =>
    sets.flatMap((set, column) => {
      const samples = readFileSync(join(out, `${set}-${side}-${name}-s1-${values.budget}`, "samples.bin"));
      return Array.from({ length: BLOCK * BLOCK }, async (_, i) => ({
        input: await sharp(samples.subarray(i * bytes, (i + 1) * bytes), {
          raw: { width: side, height: side, channels: 3 },
        })
          .resize(PIXELS, PIXELS, { kernel: "nearest" })
          .png()
          .toBuffer(),
        left: column * pitch + (i % BLOCK) * PIXELS,
        top: row * pitch + Math.floor(i / BLOCK) * PIXELS,
      }));
    }),
  ),
);
await sharp({
  create: {
    ...{ width: sets.length * pitch - GAP, height: sides.length * pitch - GAP },
    ...{ channels: 3, background: "white" },
  },
})
  .composite(parts)
  .jpeg({ quality: 88 })
  .toFile(file);
