/**
 * What the pages cost a browser. The studio over a run that trains: long tasks, heap after garbage
 * collection, bytes. The playground: how long until the first image, with an empty and with a warm
 * cache. Needs Chromium on the PATH; say nothing of a machine that is busy otherwise.
 *
 *     npm run --silent build && npm run --silent build:playground && npx tsx scripts/hardening/pages.ts [seconds]
 *
 * Fails when long tasks take 5 % of the time or more, or the heap grows by 3 MB or more after the
 * first third.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { findChromium } from "../../test/browser/chromium.ts";
import { servePages } from "../serve-pages.ts";

const LONG_SHARE = 0.05;
const HEAP_GROWTH = 3e6;
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

/** Bytes of the heap that are in use, after garbage collection. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

/** Watch a training for so many seconds. @returns whether it stays within the limits */
async function studio(context: BrowserContext, folder: string, seconds: number): Promise<boolean> {
  const small = ["generator.width=8", "discriminator.width=8", "training.sampleEvery=50"];
  const training = spawn(
    process.execPath,
    [
      ...[join(ROOT, "bin/quarterturn.js"), "train", "--run", "runs/watched", "--steps", "1000000"],
      ...small.flatMap((value) => ["--set", value]),
    ],
    { cwd: folder, stdio: ["ignore", "pipe", "inherit"] },
  );
  try {
    let printed = "";
    training.stdout.on("data", (text: Buffer) => {
      printed += text.toString();
    });
    let address: string | undefined;
    while (address === undefined) {
      if (training.exitCode !== null) throw new Error(`the training ended:\n${printed}`);
      await setTimeout(100);
      address = /studio +(http:\S+)/.exec(printed)?.[1];
    }
    const page = await context.newPage();
    await page.addInitScript(() => {
      const own = globalThis as unknown as { longTasks: number };
      own.longTasks = 0;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) own.longTasks += duration;
      }).observe({ type: "longtask" });
    });
    await page.goto(address);
    await page.locator(".uplot").first().waitFor();
    const long = (): Promise<number> =>
      page.evaluate(() => (globalThis as unknown as { longTasks: number }).longTasks);
    await setTimeout((seconds * 1000) / 3);
    const [heap, before, from] = [await heapOf(page), await long(), performance.now()];
    await setTimeout((seconds * 2000) / 3);
    const share = ((await long()) - before) / (performance.now() - from);
    const grown = (await heapOf(page)) - heap;
    console.log(
      `studio, ${seconds} s live: long tasks ${(100 * share).toFixed(1)} %, heap ${(heap / 1e6).toFixed(1)} MB, then ${grown >= 0 ? "+" : "−"}${(Math.abs(grown) / 1e6).toFixed(1)} MB`,
    );
    await page.close();
    return share < LONG_SHARE && grown < HEAP_GROWTH;
  } finally {
    training.kill("SIGKILL");
  }
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
try {
  await playground(context);
  if (!(await studio(context, folder, seconds))) process.exitCode = 1;
} finally {
  await context.close();
  await rm(folder, { recursive: true, force: true });
}
