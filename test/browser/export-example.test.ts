/** The example page of an export, opened in a real browser with the runtime of node_modules in the place of the CDN's. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { createInlineEngine } from "../../src/engine/node.node.ts";
import { exportGenerator } from "../../src/objectives/export.ts";
import { initialState } from "../../src/objectives/initial-state.ts";
import { paperSettings } from "../../src/objectives/paper-settings.ts";
import { exampleHtml } from "../../src/training/export/example.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, findChromium, launchChromium, NO_CHROMIUM, openPage } from "./chromium.ts";

const RUNTIME = "1.30.0";
const CDN = "https://cdn.jsdelivr.net/npm/onnxruntime-web@";
const browserPath = findChromium();

describeWith(NO_CHROMIUM, "example.html", () => {
  let engine: Engine;
  let server: Server;
  let pages: Readonly<Record<string, string | Uint8Array>> = {};
  beforeAll(async () => {
    engine = await createInlineEngine({ device: "cpu", threads: 1 });
    const types: Record<string, string> = { html: "text/html", onnx: "application/octet-stream" };
    server = createServer(({ url = "" }, response) => {
      const file = pages[url.slice(1)];
      if (file === undefined) return void response.writeHead(404).end();
      response.writeHead(200, { "content-type": types[url.split(".").at(-1)!]! }).end(file);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  });
  afterAll(async () => {
    await engine.close();
    server.close();
  });

  const facts = {
    ...{ name: "cats", latentSize: 6, latentDistribution: "normal" as const, resolution: 16, classes: 0 },
    runtimeVersion: RUNTIME,
  } as const;
  it.each([
    ["without a network", "example.html", /cdn\.jsdelivr\.net could not be loaded\. .*needs a network/],
    ["opened from the disk", undefined, /opened from the disk.*Serve this folder/],
  ])("says what is missing, %s", async (_, path, said) => {
    pages = { "example.html": exampleHtml(facts) };
    const folder = mkdtempSync(join(tmpdir(), "quarterturn-example-"));
    writeFileSync(join(folder, "example.html"), exampleHtml(facts));
    const browser = await launchChromium(browserPath!);
    try {
      const page = await openPage(browser);
      const failures: string[] = [];
      page.on("pageerror", (error) => failures.push(error.message));
      await page.route(`${CDN}**`, (route) => route.abort("internetdisconnected"));
      const { port } = server.address() as AddressInfo;
      await page.goto(
        path ? `http://127.0.0.1:${port}/${path}` : pathToFileURL(join(folder, "example.html")).href,
      );
      await page.getByRole("alert").getByText(said).waitFor();
      expect(await page.getByText("Loading").count()).toBe(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(failures).toEqual([]);
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([0, 3])(
    "shows 16 images of a generator with %d classes, and others on a click",
    async (classes) => {
      const settings = paperSettings({
        data: { resolution: 16, classes },
        generator: { width: 8, latentSize: 6, norm: classes > 0 ? "conditional" : "batch" },
        discriminator: { width: 8, conditioning: classes > 0 ? "projection" : "none" },
      });
      const state = initialState(settings, 1);
      const weights = { parameters: state["generator/parameters"]!, buffers: state["generator/buffers"] };
      pages = {
        "generator.onnx": await exportGenerator(settings, weights, engine, {}),
        "example.html": exampleHtml({
          name: "cats & <dogs>",
          latentSize: 6,
          latentDistribution: classes > 0 ? "uniform" : "normal",
          resolution: 16,
          classes,
          runtimeVersion: RUNTIME,
        }),
      };
      const browser = await launchChromium(browserPath!);
      try {
        const page = await openPage(browser);
        const failures: string[] = [];
        page.on("pageerror", (error) => failures.push(error.message));
        await page.route(`${CDN}**`, (route) => {
          const name = route.request().url().split("/dist/")[1]!;
          const file = join(import.meta.dirname, "../../node_modules/onnxruntime-web/dist", name);
          const contentType = name.endsWith(".wasm") ? "application/wasm" : "text/javascript";
          return route.fulfill({
            body: readFileSync(file),
            contentType,
            headers: { "access-control-allow-origin": "*" },
          });
        });
        await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/example.html`);
        await page.waitForSelector("canvas:nth-of-type(16)");
        const pixels = () =>
          page.$$eval("canvas", (all) =>
            all.map((canvas) => [...canvas.getContext("2d")!.getImageData(0, 0, 16, 16).data].join()),
          );
        const first = await pixels();
        expect(new Set(first).size).toBe(16);
        expect(await page.textContent("h1")).toBe("cats & <dogs>");
        await page.getByRole("button", { name: "Other images" }).click();
        await page.waitForFunction((before) => {
          const canvas = document.querySelector("canvas")!;
          return [...canvas.getContext("2d")!.getImageData(0, 0, 16, 16).data].join() !== before;
        }, first[0]!);
        expect(failures).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );
});
