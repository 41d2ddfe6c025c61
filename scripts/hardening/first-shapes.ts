/**
 * What a visitor who trains in a tab sees after half a minute: opens the playground, takes the
 * built-in images and the choices that are offered, trains, and writes the samples as they are
 * then, at their beginning, and real images. Says by three numbers whether they are something other
 * than noise. Needs Chromium on the PATH; says nothing of a machine that is busy otherwise.
 *
 *     npm run build:playground && npx tsx scripts/hardening/first-shapes.ts [--seconds 30] [--out FOLDER] [--query "width=8&batch=32"]
 *
 * `--query` has other choices, as the page's address has them. The numbers: the kernel distance of
 * the 64 samples to as many real images in the built-in features (KID; 64 real images against
 * others are near 0), how much two neighboring pixels differ, and how much two samples differ, both
 * as shares of what real images do. Noise has many times the first of these shares. A generator
 * that has not been trained has next to nothing of the second. Fails when the samples are not at
 * least twice as near to real images as noise and as the untrained generator's.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright-core";
import sharp from "sharp";
import { randomStream } from "../../src/base/random.ts";
import { BUILT_IN_FEATURES } from "../../src/metrics/features/feature-network.ts";
import { openFeatures } from "../../src/metrics/features/registry.node.ts";
import { PLAIN_PRODUCTS } from "../../src/metrics/linalg/matrix.ts";
import { averagedKernelDistance } from "../../src/metrics/scores/kid.ts";
import { GRID_COLUMNS, GRID_GAP } from "../../src/training/sampling/grid-layout.ts";
import { diversity } from "../../src/training/sampling/samples.ts";
import { findChromium } from "../../test/browser/chromium.ts";
import { servePages } from "../serve-pages.ts";

const SIDE = 32;
const ROOT = resolve(import.meta.dirname, "../..");
/** How much nearer than noise samples must be to count as something. */
const NEARER = 2;

/** The picture that the view shows, as a file. */
async function shown(page: Page): Promise<Buffer> {
  const bytes = await page
    .locator(".samples .grid img")
    .evaluate(async (image) => [
      ...new Uint8Array(await (await fetch((image as HTMLImageElement).src)).arrayBuffer()),
    ]);
  return Buffer.from(bytes);
}

/** Images of a grid, uint8 [N, S, S, 3]. */
async function imagesOf(file: Buffer): Promise<Uint8Array> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const pitch = SIDE + GRID_GAP;
  const count = GRID_COLUMNS * ((info.height + GRID_GAP) / pitch);
  const images = new Uint8Array(count * SIDE * SIDE * 3);
  for (let i = 0; i < count; i++)
    for (let y = 0; y < SIDE; y++) {
      const from = (Math.floor(i / GRID_COLUMNS) * pitch + y) * info.width + (i % GRID_COLUMNS) * pitch;
      images.set(data.subarray(3 * from, 3 * (from + SIDE)), 3 * SIDE * (i * SIDE + y));
    }
  return images;
}

/** Mean difference of pixels beside one another, in gray levels. */
function totalVariation(images: Uint8Array): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < images.length; i++) {
    const x = Math.floor(i / 3) % SIDE;
    const y = Math.floor(i / (3 * SIDE)) % SIDE;
    if (x + 1 < SIDE) sum += Math.abs(images[i]! - images[i + 3]!);
    if (y + 1 < SIDE) sum += Math.abs(images[i]! - images[i + 3 * SIDE]!);
    count += (x + 1 < SIDE ? 1 : 0) + (y + 1 < SIDE ? 1 : 0);
  }
  return sum / count;
}

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "30" },
    out: { type: "string", default: "first-shapes" },
    query: { type: "string", default: "" },
  },
});
const executablePath = findChromium();
if (!executablePath) throw new Error("There is no Chromium on the PATH.");
await mkdir(options.out, { recursive: true });
const served = await servePages(join(ROOT, "dist/pages/playground"), true);
const browser = await chromium.launch({
  executablePath,
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const files: Record<string, Buffer> = {};
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  page.setDefaultTimeout(0);
  await page.goto(`${served.address}?${options.query}#train`);
  await page.getByRole("button", { name: "Take the built-in emoji" }).click();
  // The view's own button has the same name, and is there before the form is.
  const form = page.getByRole("region", { name: "New run" });
  await form.getByRole("button", { name: "Train", exact: true }).click();
  const began = performance.now();
  await page.locator(".samples .grid img").waitFor();
  files.untrained = await shown(page);
  const first = (performance.now() - began) / 1000;
  await setTimeout(Math.max(0, 1000 * Number(options.seconds) - (performance.now() - began)));
  files.samples = await shown(page);
  const step = await page.locator(".how .step").textContent();
  const heading = await page.locator("#live-samples").textContent();
  await page.screenshot({ path: join(options.out, "page.png") });
  await page.getByRole("button", { name: "Real", exact: true }).click();
  files.real = await shown(page);
  console.log(
    `after ${options.seconds} s: step ${step}, shown: ${heading}; the first grid came after ${first.toFixed(1)} s`,
  );
} finally {
  await browser.close();
  await served.close();
}
for (const [name, bytes] of Object.entries(files)) await writeFile(join(options.out, `${name}.png`), bytes);

const random = randomStream(0, "noise");
const real = await imagesOf(files.real!);
const sets = {
  "samples now": await imagesOf(files.samples!),
  untrained: await imagesOf(files.untrained!),
  noise: Uint8Array.from(real, () => random.integer(256)),
};
const network = await openFeatures(BUILT_IN_FEATURES);
const featuresOf = async (images: Uint8Array): Promise<Float32Array> =>
  (await network.extract(images, images.length / (3 * SIDE * SIDE), SIDE)).features;
const reference = await featuresOf(real);
const count = real.length / (3 * SIDE * SIDE);
const distances: number[] = [];
for (const [name, images] of Object.entries(sets)) {
  const { mean } = await averagedKernelDistance(
    reference,
    await featuresOf(images),
    network.dimensions,
    { kind: "subsets", subsets: 1, size: count },
    PLAIN_PRODUCTS,
    randomStream(0, "kid"),
  );
  distances.push(mean);
  const share = (of: (images: Uint8Array) => number): string => (of(images) / of(real)).toFixed(2);
  console.log(
    `${name.padEnd(12)} kernel distance ${mean.toFixed(3)}, neighboring pixels ${share(totalVariation)}, samples ${share((all) => diversity(all, count))}`,
  );
}
await network.close();
const [now, untrained, noise] = distances as [number, number, number];
if (now * NEARER > Math.min(untrained, noise)) process.exitCode = 1;
