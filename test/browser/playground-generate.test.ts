/** The playground's generator view in a real Chromium. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openModel } from "../../src/engine/sessions/model.node.ts";
import { sampleLatents } from "../../src/training/sampling/latents.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, findChromium, NO_CHROMIUM } from "./chromium.ts";
import {
  canvasPixels,
  dropOnto,
  eventually,
  type OpenedPage,
  type Playground,
  pageFolder,
  root,
  startPlayground,
} from "./playground-support.ts";

const chromium = findChromium();
const MODEL = resolve(root, "web/playground/models/emoji.onnx");
const SIDE = 32;

describeWith(NO_CHROMIUM, "the playground's generator", () => {
  let playground: Playground;
  // Starting the runtime takes seconds where the machine is busy: two pages for all tests.
  /** What was asked for until the first images were there. */
  let firstLoad: readonly string[];
  let pages: Record<"isolated" | "plain", OpenedPage>;
  beforeAll(async () => {
    playground = await startPlayground(chromium!);
    const [isolated, plain] = [playground.isolated.address, playground.plain.address];
    pages = { isolated: await playground.open(isolated), plain: await playground.open(plain) };
    for (const { page } of Object.values(pages)) await page.locator(".sliders input").first().waitFor();
    firstLoad = [...new Set(playground.isolated.requested)];
  });
  afterAll(() => playground?.close());

  it.each(["isolated", "plain"] as const)("makes the images of the file, %s", async (how) => {
    const { page, problems, foreign } = pages[how];
    expect(await page.locator(".badge").first().textContent()).toMatch(
      how === "isolated" ? /^WebAssembly, \d+ threads$/ : /^WebAssembly, one thread$/,
    );
    const latents = sampleLatents(0, 48, 128, "normal");
    const file = await openModel(MODEL, 1);
    const { images } = await file.run({ z: { dtype: "float32", shape: [48, 128], data: latents } });
    await file.close();
    const shown = await canvasPixels(page, ".grid button:nth-child(3) canvas");
    const planes = (images!.data as Uint8Array).subarray(2 * 3 * SIDE * SIDE);
    const far = shown.filter((value, i) => {
      const [place, channel] = [Math.floor(i / 3), i % 3];
      return Math.abs(value - planes[channel * SIDE * SIDE + place]!) > 1;
    });
    expect([shown.length, far.length]).toEqual([3 * SIDE * SIDE, 0]);
    expect(problems).toEqual([]);
    expect(foreign).toEqual([]);
  });

  it("takes little besides runtime and generator until the first images are there", () => {
    const sizes = firstLoad
      .filter((path) => !/\.(wasm|onnx)$/.test(path))
      .map((path) => statSync(`${pageFolder}${path === "/" ? "/index.html" : path}.br`).size);
    expect(sizes.length).toBeGreaterThan(5);
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(200_000);
    expect(firstLoad.filter((path) => path.endsWith(".wasm"))).toHaveLength(1);
  });

  it("sends what is large compressed, to be kept for good", async () => {
    const address = playground.isolated.address;
    const sent = async (path: string, encoding: string) =>
      fetch(new URL(path, address), { headers: { "accept-encoding": encoding } });
    const folder = resolve(root, "dist/pages/playground/assets");
    const runtime = readdirSync(folder).find((name) => /^ort-wasm-simd-threaded-.*\.wasm$/.test(name))!;
    const script = readdirSync(folder).find((name) => /^page-.*\.js$/.test(name))!;
    for (const path of [`assets/${script}`, `assets/${runtime}`]) {
      const plain = statSync(resolve(root, "dist/pages/playground", path)).size;
      for (const encoding of ["br", "gzip"]) {
        const { headers } = await sent(path, encoding);
        expect(headers.get("content-encoding"), path).toBe(encoding);
        expect(Number(headers.get("content-length")), path).toBeLessThan(0.4 * plain);
        expect(headers.get("cache-control"), path).toContain("immutable");
      }
      expect((await sent(path, "identity")).headers.get("content-encoding"), path).toBeNull();
    }
    expect((await sent("", "br")).headers.get("cache-control")).toBe("no-cache");
  });

  it("changes the image along a direction, and back", async () => {
    const { page } = pages.isolated;
    const large = ".large canvas";
    const slider = page.locator(".sliders input").first();
    const before = await canvasPixels(page, large);
    await slider.focus();
    for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowRight");
    await eventually(() => canvasPixels(page, large)).not.toEqual(before);
    await page.getByRole("button", { name: "Back to where it was" }).click();
    await eventually(() => canvasPixels(page, large)).toEqual(before);
  });

  it("goes through samples by keys, draws others from another seed, and puts A and B", async () => {
    const { page } = pages.isolated;
    await page.getByRole("button", { name: "Sample 1", exact: true }).focus();
    await page.keyboard.press("ArrowDown");
    await eventually(() =>
      page.getByRole("button", { name: "Sample 9", exact: true }).getAttribute("aria-pressed"),
    ).toBe("true");
    const ninth = await canvasPixels(page, ".grid button:nth-child(9) canvas");
    await eventually(() => canvasPixels(page, ".large canvas")).toEqual(ninth);
    await page.getByRole("button", { name: "Use as B" }).click();
    await eventually(() => canvasPixels(page, ".strip button:last-child canvas")).toEqual(ninth);
    await page.getByRole("spinbutton", { name: "Seed" }).fill("7");
    await page.keyboard.press("Tab");
    await eventually(() => canvasPixels(page, ".grid button:nth-child(9) canvas")).not.toEqual(ninth);
  });

  it("has all that it shows in its address, and finds the same directions again", async () => {
    const { page } = pages.isolated;
    const query = () => new URL(page.url()).searchParams;
    const ninth = await canvasPixels(page, ".grid button:nth-child(9) canvas");
    await page.getByRole("spinbutton", { name: "Seed" }).fill("11");
    await page.keyboard.press("Tab");
    // A and B are those of the new samples once these are there.
    await eventually(() => canvasPixels(page, ".grid button:nth-child(9) canvas")).not.toEqual(ninth);
    await page.getByRole("button", { name: "Sample 5", exact: true }).click();
    await page.getByRole("button", { name: "Use as A" }).click();
    await page.locator(".sliders input").nth(1).focus();
    for (let i = 0; i < 15; i++) await page.keyboard.press("ArrowRight");
    await page.getByRole("button", { name: "Use as B" }).click();
    await eventually(async () => [query().get("seed"), query().get("image"), query().get("a")]).toEqual([
      ...["11", "4", "4"],
    ]);
    await eventually(async () => query().get("b")?.[0]).toBe("z");
    await eventually(async () => query().get("latent")).toBe(query().get("b"));
    const shown = (of: typeof page) =>
      Promise.all([
        canvasPixels(of, ".grid button:nth-child(9) canvas"),
        canvasPixels(of, ".large canvas"),
        canvasPixels(of, ".strip button:first-child canvas"),
        canvasPixels(of, ".strip button:last-child canvas"),
      ]);
    // Where the sliders stand; they are set to twentieths, and shown in tenths.
    const standing = async (of: typeof page) =>
      (await of.locator(".sliders output").allInnerTexts()).map(Number);
    const again = await playground.open(page.url());
    await again.page.locator(".sliders input").first().waitFor();
    const same = async () => JSON.stringify(await shown(again.page)) === JSON.stringify(await shown(page));
    await eventually(same).toBe(true);
    const [here, there] = [await standing(page), await standing(again.page)];
    expect(there.length).toBe(here.length);
    for (const [k, value] of here.entries()) expect(Math.abs(value - there[k]!)).toBeLessThan(0.15);
    await again.page.close();
    await page.getByRole("button", { name: "Sample 9", exact: true }).click();
    await eventually(async () => [query().get("image"), query().get("latent")]).toEqual(["8", null]);
  });

  it("saves PNG and GIF", async () => {
    const { page } = pages.isolated;
    const saved = async (panel: string, name: string): Promise<Buffer> => {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.locator(panel).getByRole("button", { name }).click(),
      ]);
      return readFile((await download.path())!);
    };
    const png = await saved(".samples", "Save PNG");
    expect(png.subarray(1, 4).toString("latin1")).toBe("PNG");
    // IHDR: eight columns and six rows with gaps of two.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([8 * SIDE + 7 * 2, 6 * SIDE + 5 * 2]);
    const gif = await saved(".walk", "Save GIF");
    expect(gif.subarray(0, 6).toString("latin1")).toBe("GIF89a");
    expect(gif.readUInt16LE(6)).toBe(256);
  });

  it.each([1280, 390])("is accessible and fits, %d pixels wide", async (width) => {
    const { page } = pages.plain;
    await page.setViewportSize({ width, height: 844 });
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
  });

  it("explains files that are no generators, and keeps the one it has", async () => {
    const { page } = pages.plain;
    const open = (name: string, content: Buffer): Promise<void> =>
      page.locator("input[accept='.onnx']").setInputFiles({ name, mimeType: "", buffer: content });
    const alert = page.getByRole("alert");
    const model = readFileSync(MODEL);
    await open("cat.jpg", Buffer.from("not a model at all"));
    await eventually(() => alert.textContent()).toContain("cat.jpg is not an ONNX file");
    await open("half.onnx", model.subarray(0, model.length / 2));
    await eventually(() => alert.textContent()).toContain("half.onnx is cut off");
    await open("features.onnx", readFileSync(resolve(root, "assets/features/resnet20-cifar10.onnx")));
    await eventually(() => alert.textContent()).toContain("not a generator: it takes");
    expect(await page.locator(".grid button").count()).toBe(48);
    await open("good.onnx", model);
    await eventually(() => alert.count()).toBe(0);
    await page.goto(`${playground.plain.address}?model=nothing.onnx`);
    await eventually(() => alert.textContent()).toContain("the server answered 404");
  });

  it("opens a generator by its address, or says why not, and names it in its own", async () => {
    const { page } = pages.plain;
    const alert = page.getByRole("alert");
    const field = page.getByRole("textbox", { name: "Address of a generator" });
    const open = async (address: string): Promise<void> => {
      await field.fill(address);
      await page.getByRole("button", { name: "Open address" }).click();
    };
    await page.goto(playground.plain.address);
    await page.locator(".grid button").last().waitFor();
    const shared = { "Access-Control-Allow-Origin": "*" };
    const answers: Readonly<Record<string, [object, string | Buffer]>> = {
      "/my%20model.onnx": [shared, readFileSync(MODEL)],
      "/closed.onnx": [{}, readFileSync(MODEL)],
      "/page": [{ ...shared, "Content-Type": "text/html; charset=utf-8" }, "<p>a page</p>"],
      "/cat.jpg": [shared, "not a model at all"],
      "/features.onnx": [shared, readFileSync(resolve(root, "assets/features/resnet20-cifar10.onnx"))],
    };
    const elsewhere = createServer(({ url }, response) => {
      const [headers, body] = answers[url!] ?? [shared, undefined];
      response.writeHead(body === undefined ? 404 : 200, { ...headers }).end(body);
    });
    await new Promise<void>((ready) => elsewhere.listen(0, "127.0.0.1", ready));
    const base = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    try {
      for (const [address, message] of [
        [`${base}/nothing.onnx`, /the server answered 404: there is no such file[\s\S]*Check the address/],
        ["example.com/generator.onnx", /404[\s\S]*begins with https:\/\//],
        [`${base}/closed.onnx`, /does not let other pages read its files \(CORS\)[\s\S]*open or drop/],
        [`${base}/page`, /is a web page, not an ONNX file[\s\S]*“download”/],
        [`${base}/cat.jpg`, /cat\.jpg is not an ONNX file/],
        [`${base}/features.onnx`, /not a generator: it takes/],
        ["ftp://somewhere/generator.onnx", /is no address that a page can fetch from/],
        ["http://127.0.0.1:1/generator.onnx", /no server answers there/],
      ] as const) {
        await open(address);
        await eventually(() => alert.textContent()).toMatch(message);
        expect(await page.locator(".grid button").count()).toBe(48);
        expect(page.url()).toBe(playground.plain.address);
      }
      await open(`${base}/my%20model.onnx`);
      await eventually(() => page.url()).toBe(`${playground.plain.address}?model=${base}/my%2520model.onnx`);
      expect(await alert.count()).toBe(0);
      // Passed on, the address opens the same; a file that is opened is not at that address.
      await page.goto(page.url());
      await page.locator(".grid button").last().waitFor();
      expect(await field.inputValue()).toBe(`${base}/my%20model.onnx`);
      await page
        .locator("input[accept='.onnx']")
        .setInputFiles({ name: "mine.onnx", mimeType: "", buffer: readFileSync(MODEL) });
      await eventually(() => page.url()).toBe(playground.plain.address);
    } finally {
      elsewhere.closeAllConnections();
      await new Promise((closed) => elsewhere.close(closed));
    }
  });

  it("takes a generator that is dropped, on either view", async () => {
    const { page } = pages.plain;
    const alert = page.getByRole("alert");
    await page.goto(`${playground.plain.address}?model=nothing.onnx#train`);
    await page.locator("input.files").waitFor({ state: "attached" });
    await dropOnto(page, MODEL);
    await eventually(() => page.locator(".grid button").count()).toBe(48);
    expect(await alert.count()).toBe(0);
  });
});
