/**
 * Pages for a blind comparison of two sides of the quality bench: `tsx bench/quality/pairs.ts OUT
 * BASE OTHER FOLDER [--pairs 32] [--seed 1]`. OUT has the runs (`SET-…-SIDE-s1-…`). A pair is
 * sixteen samples of each side, drawn at random from their last grids, left and right by chance;
 * four pairs a page. `key.json`, which whoever judges must not see, says which is which.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { randomStream } from "../../src/base/random.ts";
import { drawDistinct } from "../../src/metrics/scores/kid.ts";
import { GRID_COLUMNS, GRID_GAP } from "../../src/training/sampling/grid-layout.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pairs: { type: "string", default: "32" }, seed: { type: "string", default: "1" } },
});
const [out, base, other, folder] = positionals;
if (!out || !base || !other || !folder) throw new Error("Needed: OUT BASE OTHER FOLDER");

/** Images in a row and in a column of a block, and pairs on a page. */
const [BLOCK, ROWS] = [4, 4];
/** Pixels of an image and of the gaps on a page. */
const [SIDE, GAP] = [66, 24];
const random = randomStream(Number(values.seed), "pairs");

/** Sixteen samples of a run as one picture. */
async function block(run: string): Promise<Buffer> {
  const samples = join(out!, run, "samples");
  const grid = readdirSync(samples)
    .filter((name) => name.endsWith("-ema.png"))
    .sort()
    .at(-1)!;
  const image = sharp(join(samples, grid));
  const cell = ((await image.metadata()).width + GRID_GAP) / GRID_COLUMNS - GRID_GAP;
  const cells = await Promise.all(
    [...drawDistinct(GRID_COLUMNS ** 2, BLOCK ** 2, random)].map((i) =>
      image
        .clone()
        .extract({
          left: (i % GRID_COLUMNS) * (cell + GRID_GAP),
          top: Math.floor(i / GRID_COLUMNS) * (cell + GRID_GAP),
          width: cell,
          height: cell,
        })
        .resize(SIDE, SIDE, { kernel: "nearest" })
        .png()
        .toBuffer(),
    ),
  );
  return blank(BLOCK * SIDE, BLOCK * SIDE)
    .composite(
      cells.map((input, i) => ({ input, left: (i % BLOCK) * SIDE, top: Math.floor(i / BLOCK) * SIDE })),
    )
    .png()
    .toBuffer();
}
const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "white" } });

const runs = readdirSync(out);
/** Those that are finished: their measurements are written last. */
const ofSide = (side: string) =>
  runs.filter((name) => name.includes(`-${side}-s`) && runs.includes(`${name}.json`));
const sets = ofSide(base).flatMap((run) => {
  const twin = run.replace(`-${base}-s`, `-${other}-s`);
  return runs.includes(twin) ? [{ [base]: run, [other]: twin }] : [];
});
if (sets.length === 0) throw new Error(`${out} has no runs of both sides`);
const order = [...drawDistinct(Number(values.pairs), Number(values.pairs), random)].map(
  (i) => sets[i % sets.length]!,
);

mkdirSync(folder, { recursive: true });
const key: { pair: number; left: string; right: string }[] = [];
for (let first = 0; first < order.length; first += ROWS) {
  const placed = await Promise.all(
    order.slice(first, first + ROWS).map(async (set, row) => {
      const [left, right] = random.integer(2) === 0 ? [base, other] : [other, base];
      key.push({ pair: first + row + 1, left: set[left]!, right: set[right]! });
      const top = row * (BLOCK * SIDE + GAP);
      return [
        { input: await block(set[left]!), left: 0, top },
        { input: await block(set[right]!), left: BLOCK * SIDE + GAP, top },
      ];
    }),
  );
  await blank(2 * BLOCK * SIDE + GAP, ROWS * (BLOCK * SIDE + GAP))
    .composite(placed.flat())
    .png()
    .toFile(join(folder, `page-${String(first / ROWS + 1).padStart(2, "0")}.png`));
}
writeFileSync(join(folder, "key.json"), JSON.stringify(key, null, 1));
