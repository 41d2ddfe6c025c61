/** `report` from the command line, looked at as text and, where there is a browser, as a page. */
import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  accessibilityProblems,
  findChromium,
  launchChromium,
  NO_CHROMIUM,
  openPage,
} from "../browser/chromium.ts";
import { describeWith } from "../support/needs.ts";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());
const browserPath = findChromium();

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
  const train = (run: string, ...more: string[]) =>
    workspace.run("train", "pictures", ...TINY, "--run", run, ...more);
  expect((await train("ours", "--steps", "3", "--set", "training.sampleEvery=1")).code).toBe(0);
  expect((await train("other", "--steps", "2", "--set", "optimizer.learningRate=0.0123")).code).toBe(0);
  const warning = {
    kind: "warning",
    step: 3,
    name: "x",
    message: "All <b>samples</b> & more collapsed.",
    advice: "Fork.",
  };
  appendFileSync(workspace.path("ours", "metrics.jsonl"), `${JSON.stringify(warning)}\n`);
});

/** What stands between the tags. */
const words = (html: string): string =>
  html
    .replace(/<style>.*?<\/style>/s, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

it("a run that failed says why at the top, and not where it lies on this disk", async () => {
  const run = workspace.path("ours-failed");
  cpSync(workspace.path("ours"), run, { recursive: true });
  const record = readFileSync(`${run}/metrics.jsonl`, "utf8").replace(/\{"kind":"ended".*\n/, "");
  const ended = {
    kind: "ended",
    how: "crashed",
    step: 3,
    time: 1,
    message: `${run}/x is <full>.`,
    advice: "Make room.",
  };
  writeFileSync(`${run}/metrics.jsonl`, `${record}${JSON.stringify(ended)}\n`);
  const { code } = await workspace.run("report", "ours-failed", "--no-walk");
  expect(code).toBe(0);
  const html = readFileSync(`${run}/report.html`, "utf8");
  expect(words(html)).toMatch(/3 of 3 steps, failed at step 3 ours-failed\/x is &lt;full&gt;\. Make room\./);
  expect(html).not.toContain(workspace.folder);
});

describe("of one run", () => {
  let html: string;
  beforeAll(async () => {
    const { code, stdout } = await workspace.run("report", "ours", "--json");
    expect(code).toBe(0);
    const { file, bytes } = JSON.parse(stdout);
    expect(file).toBe(workspace.path("ours", "report.html"));
    html = readFileSync(file, "utf8");
    expect(Buffer.byteLength(html)).toBe(bytes);
  });

  it("is one file: no scripts, nothing loaded from elsewhere, no places on this disk", () => {
    expect(html).not.toMatch(/<script|<link|<iframe|@import|url\(|javascript:/i);
    const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThan(4);
    for (const address of addresses) expect(address).toMatch(/^(data:image\/webp;base64,|#)/);
    expect(html).not.toContain(workspace.folder);
  });

  it("says what was done, how it went, what to beware of, and how to do it again", () => {
    const said = words(html);
    expect(said).toMatch(/self-supervised GAN on pictures, 16×16 .* 3 of 3 steps/);
    expect(said).toMatch(
      /Samples .*Generated at step 0, .*at step 1, .*at step 2, .*at step 3, not selected/,
    );
    expect(said).toContain("A walk through latent space");
    expect(said).toMatch(/Rotation accuracy .*generator step/);
    expect(said).toMatch(/Step 3\. All &lt;b&gt;samples&lt;\/b&gt; &amp; more collapsed\. Fork\./);
    expect(said).toMatch(/The preset laptop , with these changes: .*generator\.width 8 32/);
    expect(said).toMatch(/npx quarterturn train pictures --preset laptop --steps 3 --seed 1 --set/);
    expect(said).toMatch(/onnxruntime-node 1\./);
  });
});

it("of two runs: results, what is different, common curves, then each", async () => {
  const { code, stdout } = await workspace.run("report", "ours", "other", "--no-walk", "--out", "both.html");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^both\.html \(\d/);
  const html = readFileSync(workspace.path("both.html"), "utf8");
  const said = words(html);
  expect(said).toContain("2 runs compared");
  expect(said).toMatch(/What is different Value ours other .*optimizer\.learningRate 0\.001 0\.0123/);
  expect(said).not.toContain("A walk through latent space");
  expect(html.match(/<article id="run\d"/g)).toHaveLength(2);
});

it.each([
  [["report"], /missing required args/i],
  [["report", "pictures"], /not a run folder/],
  [["report", "ours", "--out", "report.pdf"], /end in \.html/],
])("%j is refused in plain words", async (args, message) => {
  const { code, stderr } = await workspace.run(...args);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});

describeWith(NO_CHROMIUM, "in a browser", () => {
  it("fits a phone and has no flaws that axe knows, in light and in dark", async () => {
    await workspace.run("report", "ours", "other", "--no-walk", "--out", "both.html");
    const browser = await launchChromium(browserPath!);
    try {
      const page = await openPage(browser, { viewport: { width: 390, height: 844 } });
      await page.goto(pathToFileURL(workspace.path("both.html")).href);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      expect(
        await page.$$eval("img", (all) => all.every((image) => image.complete && image.naturalWidth > 0)),
      ).toBe(true);
      // The samples go through time without a script, by keys too; of the other run they stay.
      const shown = () => page.locator(".film figcaption:visible").allInnerTexts();
      const grid = (step: number) => `Generated at step ${step}, not selected`;
      expect(await shown()).toEqual([grid(3), grid(2)]);
      await page.locator(".film").first().getByRole("radio", { name: "step 3" }).press("ArrowLeft");
      expect(await shown()).toEqual([grid(2), grid(2)]);
      await page.locator(".film").first().getByRole("radio", { name: "step 0" }).click();
      expect(await shown()).toEqual([grid(0), grid(2)]);
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.close();
    } finally {
      await browser.close();
    }
  });
});
