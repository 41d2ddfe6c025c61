/**
 * Measures grids of samples that people have labeled, for the thresholds of
 * src/training/loop/health/collapse.ts:
 *
 *     npx tsx scripts/collapse/measure.ts LABELS.txt > src/training/testing/collapse-grids.json
 *
 * A line of LABELS.txt is a label (`collapsed`, `varied` or `undecided`), a name without spaces and
 * the path of a grid as a run writes it (8 columns, gaps of 2 pixels), with `reals.png` beside it.
 * The label is what a person saw: `collapsed` is one palette and nearly one figure. The pictures
 * themselves are other people's and stay where they are.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { varietyMeter } from "../../src/training/loop/health/variety.ts";

const COLUMNS = 8;
const GAP = 2;

/** The images of a grid, uint8 [N, S, S, 3]. */
async function readGrid(file: string): Promise<{ images: Uint8Array; side: number }> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const side = (info.width + GAP) / COLUMNS - GAP;
  if (!Number.isInteger(side)) throw new Error(`${file}: no grid of ${COLUMNS} columns`);
  const rows = Math.floor((info.height + GAP) / (side + GAP));
  const images = new Uint8Array(rows * COLUMNS * side * side * 3);
  for (let i = 0; i < rows * COLUMNS; i++)
    for (let y = 0; y < side; y++) {
      const line = Math.floor(i / COLUMNS) * (side + GAP) + y;
      const from = (line * info.width + (i % COLUMNS) * (side + GAP)) * 3;
      images.set(data.subarray(from, from + side * 3), (i * side + y) * side * 3);
    }
  return { images, side };
}

const [labels] = process.argv.slice(2);
if (!labels) throw new Error("give a file of labels");
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
const lines: string[] = [];
for (const line of readFileSync(labels, "utf8").trim().split("\n")) {
  const [label, name, file] = line.split(" ");
  const reals = await readGrid(join(dirname(file!), "reals.png"));
  const meter = varietyMeter(reals.images, reals.side);
  const before = process.cpuUsage();
  const { figures, palettes } = meter.of((await readGrid(file!)).images);
  const { user } = process.cpuUsage(before);
  process.stderr.write(
    `${name}: ${figures.toFixed(3)} ${palettes.toFixed(3)} (${Math.round(user / 1000)} ms)\n`,
  );
  lines.push(JSON.stringify({ label, name, figures: rounded(figures), palettes: rounded(palettes) }));
}
process.stdout.write(`[\n  ${lines.join(",\n  ")}\n]\n`);
