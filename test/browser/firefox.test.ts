/**
 * Every page in Firefox: that of the system, over WebDriver BiDi. A look at each, as Chromium's
 * tests look closer.
 */
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, it } from "vitest";
import { servePages } from "../../scripts/serve-pages.ts";
import { readFacts } from "../../src/studies/report/facts.ts";
import { sampleGrids } from "../../src/studies/report/pictures.ts";
import { reportHtml } from "../../src/studies/report/report.ts";
import { createIndexStore } from "../../src/studio/runs/index-store.ts";
import { startStudio } from "../../src/studio/server/server.ts";
import { makeRun, sampleLine, steps } from "../../src/studio/testing/records.ts";
import { parseConfig } from "../../src/training/config/check.ts";
import { browserRuntime } from "../../src/training/export/browser-runtime.node.ts";
import { exampleHtml } from "../../src/training/export/example.ts";
import { describeWith } from "../support/needs.ts";
import { type BidiBrowser, type BidiPage, launchFirefox } from "./bidi.ts";
import { buildPlayground, pageFolder, root } from "./playground-support.ts";

/** Where Firefox is; undefined where there is none. */
function findFirefox(): string | undefined {
  const places = (process.env.PATH ?? "").split(delimiter);
  return ["firefox-esr", "firefox"]
    .flatMap((name) => places.map((place) => join(place, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const executablePath = findFirefox();
const NO_FIREFOX = executablePath
  ? undefined
  : "no Firefox on the PATH (Debian: apt-get install firefox-esr)";

describeWith(NO_FIREFOX, "in Firefox", () => {
  const base = mkdtempSync(join(tmpdir(), "quarterturn-firefox-pages-"));
  let browser: BidiBrowser;
  let dir: string;
  beforeAll(async () => {
    browser = await launchFirefox(executablePath!);
    dir = await makeRun(join(base, "runs"), "run", sampleLine(0) + steps(1, 60) + sampleLine(60), 60);
    writeFileSync(join(dir, "config.json"), JSON.stringify(parseConfig({ "training.steps": 60 })));
    const side = 8 * 33 - 1;
    for (const step of [0, 60]) {
      const data = new Uint8Array(side * side * 3).map((_, i) => (i * (step + 7)) % 251);
      writeFileSync(
        join(dir, `samples/${String(step).padStart(7, "0")}.png`),
        encode({ width: side, height: side, data, channels: 3 }),
      );
    }
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(base, { recursive: true, force: true });
  });

  /** Open a page, look at it, close it; it must have nothing to complain about. */
  async function look(address: string, at: (page: BidiPage) => Promise<void>): Promise<void> {
    const page = await browser.open();
    await page.goto(address);
    await at(page);
    expect(page.complaints).toEqual([]);
    await page.close();
  }
  const onDisk = (name: string, html: string): string => {
    writeFileSync(join(base, name), html);
    return pathToFileURL(join(base, name)).href;
  };

  it("the studio shows a run's images and curves, and the table", async () => {
    const studio = await startStudio({
      ...{ root: join(base, "runs"), port: 0 },
      store: createIndexStore(join(base, "cache")),
    });
    try {
      await look(`${studio.url}#run=run`, async (page) => {
        await page.until(`document.querySelector("h1")?.textContent === "run"`);
        await page.until(`document.querySelector(".samples .grid img")?.naturalWidth === 263`);
        await page.until(`document.querySelectorAll(".uplot canvas").length > 4`);
        await page.until(`document.querySelector(".pill")?.textContent === "Finished"`);
        await page.until(`(location.hash = "", document.querySelector("table tbody tr"))`);
      });
    } finally {
      await studio.close();
    }
  });

  it("the playground generates with threads, and offers training", async () => {
    buildPlayground();
    const served = await servePages(pageFolder, true);
    try {
      await look(served.address, async (page) => {
        await page.until(`document.querySelectorAll(".grid canvas").length === 48`);
        await page.until(`/^WebAssembly, \\d+ threads$/.test(document.querySelector(".badge")?.textContent)`);
        await page.until(`(location.hash = "#train", document.querySelector("#start-title"))`);
      });
    } finally {
      await served.close();
    }
  });

  it("a report goes through time without a script", async () => {
    const facts = await readFacts(dir);
    const pictures = { grids: await sampleGrids(facts), reals: undefined, walk: undefined };
    const shown = `[...document.querySelectorAll(".film figure")].filter((one) => one.offsetHeight > 0).map((one) => one.textContent)`;
    await look(onDisk("report.html", reportHtml([{ facts, pictures }], "1", new Date(0))), async (page) => {
      expect(await page.until(shown)).toEqual(["Generated at step 60, not selected"]);
      await page.until(`(document.querySelector('[aria-label="step 0"]').click(), true)`);
      expect(await page.until(shown)).toEqual(["Generated at step 0, not selected"]);
    });
  });

  it("the example page of an export generates, from the disk", async () => {
    const inText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
    const { script, wasm } = await browserRuntime();
    const generator = readFileSync(resolve(root, "web/playground/models/emoji.onnx"));
    const html = exampleHtml(
      { name: "emoji", latentSize: 128, latentDistribution: "normal", resolution: 32, classes: 0 },
      { generator: inText(generator), script: inText(script), wasm: inText(wasm) },
    );
    await look(onDisk("example.html", html), async (page) => {
      await page.until(`document.querySelectorAll("canvas").length === 16`);
    });
  });
});
