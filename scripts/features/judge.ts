/**
 * What the shipped feature network is worth: its accuracy on CIFAR-10's test part, and whether it
 * puts spoiled images into the same order as independent networks do (scripts/features/judges.py,
 * which needs PyTorch).
 *
 *     npx tsx scripts/features/judge.ts cifar10:PATH [--nets FOLDER] [--features NAME]
 *
 * Prints the table of docs/metrics.md.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findTorch, INSTALL_TORCH, runJson } from "../../bench/processes.ts";
import { UserError } from "../../src/base/errors.ts";
import { drawRandomImages, type ImageStore, openData } from "../../src/data/index.node.ts";
import { type Moments, momentsOf } from "../../src/metrics/extraction/moments.ts";
import { BUILT_IN_FEATURES, type FeatureNetwork } from "../../src/metrics/features/feature-network.ts";
import { openFeatures } from "../../src/metrics/features/registry.node.ts";
import { PLAIN_PRODUCTS } from "../../src/metrics/linalg/matrix.ts";
import { frechetDistance } from "../../src/metrics/scores/frechet.ts";
import { plainBatch } from "./augment.ts";
import { CORRUPTIONS, type Images } from "./corruptions.ts";

const SIDE = 32;
const BATCH = 250;
/** The reference is one half of the test images; the sets are made of images of the other half. */
const REFERENCE = 5000;
const SET = 1000;
/** Images whose features the independent networks' golden files tell. */
const GOLDEN = 4;

type Distances = Record<string, number>;

async function extract(
  network: FeatureNetwork,
  pixels: Uint8Array,
): Promise<{ features: Float32Array; logits: Float32Array }> {
  const count = pixels.length / (SIDE * SIDE * 3);
  const classes = network.classes ?? 0;
  const features = new Float32Array(count * network.dimensions);
  const logits = new Float32Array(count * classes);
  for (let first = 0; first < count; first += BATCH) {
    const part = pixels.subarray(first * SIDE * SIDE * 3, (first + BATCH) * SIDE * SIDE * 3);
    const made = await network.extract(part, part.length / (SIDE * SIDE * 3), SIDE);
    features.set(made.features, first * network.dimensions);
    if (made.logits) logits.set(made.logits, first * classes);
  }
  return { features, logits };
}

async function accuracy(network: FeatureNetwork, test: ImageStore): Promise<number> {
  const { images } = plainBatch(test, 0, test.count);
  const { logits } = await extract(network, images);
  const classes = network.classes!;
  let right = 0;
  for (let i = 0; i < test.count; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    if (row.indexOf(Math.max(...row)) === test.labels![i]) right++;
  }
  return right / test.count;
}

async function sets(test: ImageStore): Promise<(readonly [string, Uint8Array])[]> {
  const images: Images = {
    pixels: plainBatch(test, REFERENCE, SET).images,
    labels: test.labels!.slice(REFERENCE, REFERENCE + SET),
    side: SIDE,
  };
  const emoji = await openData({
    source: null,
    resolution: SIDE,
    split: "all",
    preprocessing: "centre-crop",
  });
  return [
    ["reference", plainBatch(test, 0, REFERENCE).images],
    ...CORRUPTIONS.map(({ name, apply }) => [name, apply(images)] as const),
    ["other pictures: emoji", drawRandomImages(emoji, SET, 1)],
  ];
}

async function ownDistances(
  network: FeatureNetwork,
  all: readonly (readonly [string, Uint8Array])[],
): Promise<Distances> {
  const moments = async (pixels: Uint8Array): Promise<Moments> =>
    momentsOf((await extract(network, pixels)).features, network.dimensions, PLAIN_PRODUCTS);
  const reference = await moments(all[0]![1]);
  const distances: Distances = {};
  for (const [name, pixels] of all.slice(1))
    distances[name] = await frechetDistance(reference, await moments(pixels), PLAIN_PRODUCTS);
  return distances;
}

/** The same by the independent networks. */
async function otherDistances(
  nets: string,
  test: ImageStore,
  all: readonly (readonly [string, Uint8Array])[],
): Promise<Record<string, Distances>> {
  const python = await findTorch();
  if (!python) throw new UserError("The independent networks need PyTorch.", INSTALL_TORCH);
  const folder = await mkdtemp(join(tmpdir(), "quarterturn-judge-"));
  try {
    const golden = join(folder, "golden.bin");
    await writeFile(golden, plainBatch(test, 0, GOLDEN).images);
    const files: [string, string][] = [];
    for (const [i, [name, pixels]] of all.entries()) {
      files.push([name, join(folder, `${i}.bin`)]);
      await writeFile(files.at(-1)![1], pixels);
    }
    const description = join(folder, "sets.json");
    await writeFile(description, JSON.stringify({ golden, sets: files }));
    const script = join(import.meta.dirname, "judges.py");
    return (await runJson(python, [script, nets, description])) as Record<string, Distances>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Place of each value in ascending order, from 0. */
function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  return values.map((_, i) => order.indexOf(i));
}

/** Spearman's rank correlation; there are no ties among measured distances. */
function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const n = a.length;
  return 1 - (6 * x.reduce((sum, rank, i) => sum + (rank - y[i]!) ** 2, 0)) / (n * (n ** 2 - 1));
}

function printTable(byNetwork: Readonly<Record<string, Distances>>): void {
  const names = Object.keys(byNetwork);
  const sets = Object.keys(byNetwork[names[0]!]!).sort(
    (a, b) => byNetwork[names[0]!]![a]! - byNetwork[names[0]!]![b]!,
  );
  const values = (name: string): number[] => sets.map((set) => byNetwork[name]![set]!);
  console.log(`| images | ${names.join(" | ")} |\n|---|${names.map(() => "---|").join("")}`);
  for (const [i, set] of sets.entries()) {
    const cells = names.map((name) => `${values(name)[i]!.toPrecision(3)} (${ranks(values(name))[i]! + 1})`);
    console.log(`| ${set} | ${cells.join(" | ")} |`);
  }
  console.log("\nRank correlation:\n");
  console.log(`| | ${names.join(" | ")} |\n|---|${names.map(() => "---|").join("")}`);
  for (const a of names)
    console.log(
      `| ${a} | ${names.map((b) => rankCorrelation(values(a), values(b)).toFixed(2)).join(" | ")} |`,
    );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { nets: { type: "string" }, features: { type: "string" } },
  });
  const [source] = positionals;
  if (source === undefined)
    throw new UserError(
      "Usage: npx tsx scripts/features/judge.ts cifar10:PATH [--nets FOLDER] [--features NAME]",
    );
  const test = await openData({ source, resolution: SIDE, split: "test", preprocessing: "centre-crop" });
  const network = await openFeatures(values.features ?? BUILT_IN_FEATURES);
  try {
    console.log(
      `${network.name}: accuracy on ${test.count} test images ${(100 * (await accuracy(network, test))).toFixed(2)} %\n`,
    );
    const all = await sets(test);
    const own = { [network.name]: await ownDistances(network, all) };
    const { nets } = values;
    printTable(
      nets === undefined ? own : { ...own, ...withoutReference(await otherDistances(nets, test, all)) },
    );
  } finally {
    await network.close();
  }
}

const withoutReference = (byNetwork: Record<string, Distances>): Record<string, Distances> =>
  Object.fromEntries(
    Object.entries(byNetwork).map(([name, { reference: _, ...distances }]) => [name, distances]),
  );

await main();
