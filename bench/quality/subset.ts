/**
 * A folder of some images of a set, drawn at random without repetition: `tsx
 * bench/quality/subset.ts DATA COUNT FOLDER [--seed 1] [--resolution 32]`. DATA is what `train`
 * takes. Images of both parts are drawn; the files are PNG.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { randomStream } from "../../src/base/random.ts";
import { openData } from "../../src/data/index.node.ts";
import { drawDistinct } from "../../src/metrics/scores/kid.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" }, resolution: { type: "string", default: "32" } },
});
const [source, count, folder] = positionals;
if (source === undefined || folder === undefined || !(Number(count) > 0))
  throw new Error("Needed: DATA COUNT FOLDER");

const resolution = Number(values.resolution);
const store = await openData({ source, resolution, split: "all", preprocessing: "centre-crop" });
if (store.count < Number(count)) throw new Error(`${source} has ${store.count} images only`);
const chosen = drawDistinct(store.count, Number(count), randomStream(Number(values.seed), "subset"));
mkdirSync(folder, { recursive: true });
const image = new Uint8Array(resolution * resolution * 3);
for (const index of chosen) {
  store.read(index, image, 0);
  await sharp(image, { raw: { width: resolution, height: resolution, channels: 3 } })
    .png()
    .toFile(join(folder, `${String(index).padStart(6, "0")}.png`));
}
store.close();
