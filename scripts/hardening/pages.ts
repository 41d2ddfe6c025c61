/**
 * What the pages cost a browser. The studio over a run that trains: long tasks, heap after garbage
 * collection, and what the open page takes from the training's speed. The playground: how long
 * until the first image, with an empty and with a warm cache. Needs Chromium on the PATH; say
 * nothing of a machine that is busy otherwise.
 *
 *     npm run --silent build && npm run --silent build:playground && npx tsx scripts/hardening/pages.ts [seconds] [seconds of a turn]
 *
 * Fails when long tasks take 5 % of the time or more, or the heap grows by 3 MB or more after the
 * first third.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { median } from "../../src/base/math/statistics.ts";
import { findChromium } from "../../test/browser/chromium.ts";
import { servePages } from "../serve-pages.ts";
import { type LiveRun, speed, startLiveRun, stop } from "./live-run.ts";

const LONG_SHARE = 0.05;
const HEAP_GROWTH = 3e6;
/** Parts of the time that the studio is looked at after; a multiple of three. */
const PARTS = 30;
/** Times that the training's speed is measured without the page and with it. */
const TURNS = 4;
const ROOT = resolve(import.meta.dirname, "../..");

/**
 * Runs in the page, as text: what translates this file gives names to functions by a helper that a
 * page does not have.
 */
const NOTE_FIRST = `(function look() {
  const canvas = document.querySelector(".samples canvas");
  if (canvas && canvas.width > 1) globalThis.first = performance.now();
  else requestAnimationFrame(look);
})()`;

/** Before the page's own scripts: count what browsers call long tasks, of 50 ms and more. */
const COUNT_LONG_TASKS = `globalThis.longTasks = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longTasks += duration;
}).observe({ type: "longtask" });`;

/** Bytes of the heap that are in use, after garbage collection. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

/** A page of the studio that shows the run. */
async function openRun(context: BrowserContext, { address, name }: LiveRun): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript({ content: COUNT_LONG_TASKS });
  await page.goto(`${address}#run=${name}`);
  await page.locator(".uplot").first().waitFor();
  return page;
}

/** Milliseconds that a page has been in long tasks so far. */
const longTasks = async (page: Page): Promise<number> => Number(await page.evaluate("longTasks"));

/** Watch a training for so many seconds. @returns whether it stays within the limits */
async function studio(context: BrowserContext, run: LiveRun, seconds: number): Promise<boolean> {
  const page = await openRun(context, run);
  const heaps: number[] = [];
  const shares: number[] = [];
  for (let part = 1; part <= PARTS; part++) {
    const [before, from] = [await longTasks(page), performance.now()];
    await setTimeout((seconds * 1000) / PARTS);
    shares.push(((await longTasks(page)) - before) / (performance.now() - from));
    heaps.push(await heapOf(page));
    console.log(
      `studio, ${Math.round((seconds * part) / PARTS)} s live: long tasks ${(100 * shares.at(-1)!).toFixed(2)} %, heap ${(heaps.at(-1)! / 1e6).toFixed(1)} MB`,
    );
  }
  await page.close();
  const busy = median(shares)!;
  const grown = median(heaps.slice(-PARTS / 3))! - median(heaps.slice(PARTS / 3, (2 * PARTS) / 3))!;
  console.log(
    `long tasks ${(100 * busy).toFixed(2)} % of the middle part; heap of the last third against the second: ${grown >= 0 ? "+" : "−"}${(Math.abs(grown) / 1e6).toFixed(2)} MB`,
  );
  return busy < LONG_SHARE && grown < HEAP_GROWTH;
}

/**
 * The training's speed without the page and with it, in turns. The browser's processes are on the
 * same cores, so that what they take counts too.
 */
async function cost(context: BrowserContext, run: LiveRun, seconds: number): Promise<void> {
  const kept: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const alone = await speed(run.record, run.training.pid!, seconds, "alone");
    const page = await openRun(context, run);
    await setTimeout(2000);
    kept.push((await speed(run.record, run.training.pid!, seconds, "with the page")) / alone);
    await page.close();
  }
  const all = kept.map((share) => `${(100 * share).toFixed(1)} %`).join(", ");
  console.log(`${(100 * median(kept)!).toFixed(1)} % of the speed are kept with the page open (${all})`);
}

/** Visit the playground with an empty cache and then with a warm one. */
async function playground(context: BrowserContext): Promise<void> {
  const served = await servePages(join(ROOT, "dist/pages/playground"), true);
  for (const cache of ["empty", "warm", "warm"]) {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    let bytes = 0;
    session.on("Network.loadingFinished", ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.addInitScript({ content: NOTE_FIRST });
    await page.goto(served.address);
    const first = await page.waitForFunction(
      () => (globalThis as unknown as { first?: number }).first,
      undefined,
      {
        timeout: 0,
      },
    );
    console.log(
      `playground, ${cache} cache: first images after ${Math.round((await first.jsonValue())!)} ms, ${(bytes / 1e6).toFixed(2)} MB of the page`,
    );
    // The browser keeps compiled WebAssembly a moment later.
    await setTimeout(3000);
    await page.close();
  }
  await served.close();
}

const seconds = Number(process.argv[2] ?? 60);
const folder = await mkdtemp(join(tmpdir(), "quarterturn-pages-"));
const executablePath = findChromium();
if (!executablePath) throw new Error("There is no Chromium on the PATH.");
const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const context = await chromium.launchPersistentContext(join(folder, "profile"), {
  executablePath,
  args: sandbox,
});
const run = await startLiveRun(folder, ["training.sampleEvery=50"]);
try {
  if (!(await studio(context, run, seconds))) process.exitCode = 1;
  await cost(context, run, Number(process.argv[3] ?? 20));
  await stop(run.training);
  await playground(context);
} finally {
  await context.close();
  await stop(run.training);
  await rm(folder, { recursive: true, force: true });
}
