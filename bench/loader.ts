/**
 * `npm run bench:loader`: what it costs to get images out of a packed file that is larger than
 * memory ought to be: opening it, batches a second from a cold and from a warm cache of the
 * operating system, and memory. The file is written first, with pixels that differ from image to
 * image, and deleted afterwards.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openPack } from "../src/data/store/pack-store.node.ts";
import { supplyBatches } from "../src/data/store/read-ahead.ts";
import type { ImageStore } from "../src/data/store/store.ts";
import { writePack } from "../src/data/testing/packs.node.ts";

/**
 * What the `laptop` preset's step takes: 64 images in about a quarter of a second on two cores
 * (docs/performance.md).
 */
const NEEDED = { batch: 64, seconds: 0.25 };
const HELP = `npm run bench:loader -- [options]

  --images N    images in the packed file; default 1000000
  --size N      their side in pixels; default 64
  --batches N   batches of ${NEEDED.batch} that are drawn; default 1000
  --folder DIR  where the file is written; default the system's folder for temporary files
`;

const { values } = parseArgs({
  options: {
    images: { type: "string", default: "1000000" },
    size: { type: "string", default: "64" },
    batches: { type: "string", default: "1000" },
    folder: { type: "string", default: tmpdir() },
    help: { type: "boolean", short: "h" },
  },
});

/** Resident memory of this process in MB. */
const resident = (): number => process.memoryUsage.rss() / 1e6;

async function open(path: string): Promise<ImageStore> {
  const store = await openPack(path, { notes: [], fromCache: true });
  if (!store) throw new Error("the packed file that was just written cannot be opened");
  return store;
}

/** Seconds that `work` takes. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/**
 * Have the operating system forget what it holds of a file, as after a restart; only Linux's dd
 * can.
 */
function forget(path: string): boolean {
  const args = [`of=${path}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"];
  return process.platform === "linux" && spawnSync("dd", args).status === 0;
}

/** Draw batches as fast as they come. @returns images a second, and the most memory seen in MB */
async function draw(store: ImageStore, batches: number): Promise<{ speed: number; memory: number }> {
  const supply = supplyBatches(store, NEEDED.batch, 1);
  let memory = 0;
  const seconds = await timed(async () => {
    for (let i = 0; i < batches; i++) {
      await supply.next();
      if (i % 10 === 0) memory = Math.max(memory, resident());
    }
  });
  await supply.close();
  return { speed: (batches * NEEDED.batch) / seconds, memory };
}

/** The median and the longest wait for a batch in ms, when each step takes `stepMs`. */
async function waits(store: ImageStore, batches: number, stepMs: number): Promise<[number, number]> {
  const supply = supplyBatches(store, NEEDED.batch, 2);
  const all: number[] = [];
  for (let i = 0; i < batches; i++) {
    all.push(1000 * (await timed(async () => supply.next())));
    await new Promise((done) => setTimeout(done, stepMs));
  }
  await supply.close();
  // The first has to be waited for.
  const sorted = all.slice(1).sort((a, b) => a - b);
  return [sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
}

async function bench(path: string, images: number, size: number, batches: number): Promise<void> {
  const say = (what: string, text: string): void => console.log(`${what.padEnd(30)} ${text}`);
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} threads, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}`,
  );
  const writing = await timed(() =>
    writePack(path, images, size, (index, pixels) =>
      pixels.fill(index % 251).fill(index % 241, 0, pixels.length / 2),
    ),
  );
  const bytes = (await stat(path)).size;
  say(
    "packed file",
    `${images} images at ${size}×${size}, ${(bytes / 1e9).toFixed(2)} GB, written in ${writing.toFixed(0)} s`,
  );
  const before = resident();
  const cold = forget(path);
  const started = performance.now();
  const store = await open(path);
  const opening = (performance.now() - started) / 1000;
  say(`opening, ${cold ? "cold" : "warm"} cache`, `${opening.toFixed(3)} s`);
  const needed = NEEDED.batch / NEEDED.seconds;
  let memory = 0;
  for (const what of [cold ? "cold" : "as it is", "warm"]) {
    const drawn = await draw(store, batches);
    memory = Math.max(memory, drawn.memory);
    say(
      `drawing, ${what} cache`,
      `${Math.round(drawn.speed)} images/s, ${(drawn.speed / needed).toFixed(0)} times what a step of ${NEEDED.seconds} s needs`,
    );
  }
  const [median, longest] = await waits(store, 100, 50);
  say("waiting, steps of 50 ms", `median ${median.toFixed(2)} ms, longest ${longest.toFixed(1)} ms`);
  say(
    "resident memory",
    `${before.toFixed(0)} MB before opening, ${memory.toFixed(0)} MB at most while drawing`,
  );
  store.close();
}

if (values.help) console.log(HELP);
else {
  const folder = await mkdtemp(join(values.folder, "quarterturn-loader-"));
  try {
    await bench(
      join(folder, "bench-1.pack"),
      Number(values.images),
      Number(values.size),
      Number(values.batches),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
