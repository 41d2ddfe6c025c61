/**
 * The example page of an export in a real browser: one file, opened from the disk, without a
 * network.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { paperSettings } from "../../src/objectives/paper-settings.ts";
import { exportGenerator } from "../../src/objectives/programs/export.ts";
import { initialState } from "../../src/objectives/programs/initial-state.ts";
import { browserRuntime } from "../../src/training/export/browser-runtime.node.ts";
import { exampleHtml } from "../../src/training/export/example.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, findChromium, launchChromium, NO_CHROMIUM, openPage } from "./chromium.ts";

const browserPath = findChromium();
const inText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

describeWith(NO_CHROMIUM, "example.html", () => {
  const folder = mkdtempSync(join(tmpdir(), "quarterturn-example-"));
  let engine: Engine;
  let browser: Browser;
  let runtime: { readonly script: string; readonly wasm: string };
  beforeAll(async () => {
    engine = await createInThreadEngine({ device: "cpu", threads: 1 });
    browser = await launchChromium(browserPath!);
    const { script, wasm } = await browserRuntime();
    runtime = { script: inText(script), wasm: inText(wasm) };
  });
  afterAll(async () => {
    await engine.close();
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Open a page from the disk; every request of it and every error is noted. */
  async function openFile(html: string): Promise<{ page: Page; asked: string[]; failures: string[] }> {
    const file = join(folder, "example.html");
    writeFileSync(file, html);
    const page = await openPage(browser, { offline: true });
    const [asked, failures]: [string[], string[]] = [[], []];
    page.on("pageerror", (error) => failures.push(error.message));
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return { page, asked: asked, failures };
  }

  it.each([0, 3])(
    "shows 16 images of a generator with %d classes, and others on a click, with no server and no network",
    async (classes) => {
      const settings = paperSettings({
        data: { resolution: 16, classes },
        generator: { width: 8, latentSize: 6, norm: classes > 0 ? "conditional" : "batch" },
        discriminator: { width: 8, conditioning: classes > 0 ? "projection" : "none" },
      });
      const state = initialState(settings, 1);
      const weights = { parameters: state["generator/parameters"]!, buffers: state["generator/buffers"] };
      const generator = inText(await exportGenerator(settings, weights, engine, {}));
      const latentDistribution = classes > 0 ? "uniform" : "normal";
      const facts = {
        name: "cats & <dogs> --",
        latentSize: 6,
        latentDistribution,
        resolution: 16,
        classes,
      } as const;
      const { page, asked, failures } = await openFile(exampleHtml(facts, { generator, ...runtime }));
      await page.waitForSelector("canvas:nth-of-type(16)");
      const pixels = () =>
        page.$$eval("canvas", (all) =>
          all.map((canvas) => [...canvas.getContext("2d")!.getImageData(0, 0, 16, 16).data].join()),
        );
      const first = await pixels();
      expect(new Set(first).size).toBe(16);
      expect(await page.textContent("h1")).toBe("cats & <dogs> --");
      await page.getByRole("button", { name: "Other images" }).click();
      await page.waitForFunction((before) => {
        const canvas = document.querySelector("canvas")!;
        return [...canvas.getContext("2d")!.getImageData(0, 0, 16, 16).data].join() !== before;
      }, first[0]!);
      expect(failures).toEqual([]);
      expect(asked.filter((url) => !/^(file|blob|data):/.test(url))).toEqual([]);
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.close();
    },
  );

  it("says what is wrong with a generator that cannot be read", async () => {
    const facts = {
      name: "cats",
      latentSize: 6,
      latentDistribution: "normal",
      resolution: 16,
      classes: 0,
    } as const;
    const { page } = await openFile(exampleHtml(facts, { generator: inText(new Uint8Array(9)), ...runtime }));
    await page
      .getByRole("alert")
      .getByText(/The generator could not be loaded/)
      .waitFor();
    expect(await page.getByText("Loading").count()).toBe(0);
    await page.close();
  });
});
