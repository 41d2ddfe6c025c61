/**
 * What a page that stays open costs: its memory and how long it keeps itself busy, minute by
 * minute, while a training goes on; and what it takes from the training's speed, in turns with and
 * without it. The page's own processes are on the same cores, so that theirs is counted, too.
 *
 *     npm run --silent build && npx tsx scripts/hardening/open-page.ts [minutes] [seconds of a turn]
 *
 * Fails when the memory grows by more than a fifth after the first third of the time, or when the
 * middle minute is busy for 5 % or more.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { findChromium, launchChromium, openPage } from "../../test/browser/chromium.ts";
import { type LiveRun, median, speed, startLiveRun, stop } from "./live-run.ts";

const GROWTH = 0.2;
const BUSY = 0.05;
const TURNS = 4;

/** In the page, before its own scripts: count what browsers call long tasks, of 50 ms and more. */
const COUNT_LONG_TASKS = `globalThis.longTasks = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longTasks += duration;
}).observe({ type: "longtask" });`;

const executable = findChromium();
if (!executable) throw new Error("No Chromium on the PATH (Debian: apt-get install chromium)");
const browser = await launchChromium(executable);

async function openRun({ address, name }: LiveRun) {
  const page = await openPage(browser, { viewport: { width: 1280, height: 900 } });
  await page.addInitScript({ content: COUNT_LONG_TASKS });
  await page.goto(`${address}#run=${name}`);
  await page.locator(".u-over").first().waitFor();
  return page;
}

/** Print a line a minute. */
async function stayOpen(run: LiveRun, minutes: number): Promise<void> {
  const page = await openRun(run);
  const tools = await page.context().newCDPSession(page);
  await tools.send("HeapProfiler.enable");
  const heaps: number[] = [];
  const busy: number[] = [];
  for (let minute = 1; minute <= minutes; minute++) {
    await page.evaluate("longTasks = 0");
    await setTimeout(60_000);
    busy.push(Number(await page.evaluate("longTasks")) / 60_000);
    await tools.send("HeapProfiler.collectGarbage");
    heaps.push((await tools.send("Runtime.getHeapUsage")).usedSize / 1e6);
    const nodes = await page.evaluate("document.querySelectorAll('*').length");
    const [heap, share] = [heaps.at(-1)!.toFixed(1), (100 * busy.at(-1)!).toFixed(2)];
    console.log(`minute ${minute}: heap ${heap} MB, ${nodes} elements, long tasks ${share} %`);
  }
  await page.close();
  const third = Math.ceil(minutes / 3);
  const [before, after] = [median(heaps.slice(third - 1, 2 * third)), median(heaps.slice(-third))];
  const growth = after / before - 1;
  console.log(
    `heap ${before.toFixed(1)} MB in the second third of the time, ${after.toFixed(1)} MB in the last (${(100 * growth).toFixed(1)} %); long tasks ${(100 * median(busy)).toFixed(2)} % of the middle minute`,
  );
  if (growth > GROWTH || median(busy) >= BUSY) process.exitCode = 1;
}

/** The training's speed without the page and with it, in turns. */
async function cost(run: LiveRun, seconds: number): Promise<void> {
  const kept: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const alone = await speed(run.record, run.training.pid!, seconds, "alone");
    const page = await openRun(run);
    await setTimeout(2000);
    kept.push((await speed(run.record, run.training.pid!, seconds, "with the page")) / alone);
    await page.close();
  }
  const all = kept.map((share) => `${(100 * share).toFixed(1)} %`).join(", ");
  console.log(`${(100 * median(kept)).toFixed(1)} % of the speed are kept with the page open (${all})`);
}

const folder = await mkdtemp(join(tmpdir(), "quarterturn-page-"));
const run = await startLiveRun(folder);
try {
  await stayOpen(run, Number(process.argv[2] ?? 30));
  await cost(run, Number(process.argv[3] ?? 20));
} finally {
  await browser.close();
  await stop(run.training);
  await rm(folder, { recursive: true, force: true });
}
