/**
 * The studio in a real browser, over a real training started from the command line: watched,
 * steered, looked into, compared.
 */
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Call, makePictures, Workspace } from "../cli/support.ts";
import { describeWith } from "../support/needs.ts";
import { findChromium, NO_CHROMIUM } from "./chromium.ts";
import { oneBrowser } from "./one-browser.ts";
import { addressOf, trainArguments } from "./studio-support.ts";

const executable = findChromium();

const workspace = new Workspace();
beforeAll(async () => {
  if (executable) await makePictures(workspace.path("pictures"), 64);
});
afterAll(() => workspace.remove());
const browser = oneBrowser();

/** The record as far as it has whole lines: the training writes on. */
const lines = (run: string): { kind: string; step: number; learningRate?: number }[] =>
  readFileSync(workspace.path("runs", run, "metrics.jsonl"), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));

/** The step that the page shows. */
async function stepShown(page: Page): Promise<number> {
  const text = await page.locator(".status").innerText();
  return Number(/step ([\d,]+) of/.exec(text)?.[1]?.replaceAll(",", ""));
}

async function until(test: () => Promise<boolean>): Promise<void> {
  while (!(await test())) await setTimeout(20);
}

/** The image in its four turns, all at one moment: red levels of each canvas, row by row. */
const turnsShown = (page: Page) =>
  page.locator(".turns canvas").evaluateAll((canvases) =>
    (canvases as HTMLCanvasElement[]).map((canvas) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      return { side: canvas.width, red: Array.from(data).filter((_, i) => i % 4 === 0) };
    }),
  );

/** Wait until what has arrived is drawn. */
const drawn = (page: Page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

describeWith(NO_CHROMIUM, "a training that goes on", () => {
  let call: Call;
  let page: Page;
  let complaints: readonly string[];
  beforeAll(async () => {
    call = workspace.start(...trainArguments("live", 1_000_000, "--set", "training.checkpointEvery=100000"));
    const address = await addressOf(call);
    ({ page, complaints } = await browser.openHeard(address, { viewport: { width: 1280, height: 900 } }));
    await page.locator("h1", { hasText: "live" }).waitFor();
  });
  afterAll(() => page?.close());

  it("is seen to go on, with its images and curves", async () => {
    await page.locator(".pill", { hasText: "Training" }).waitFor();
    const first = await stepShown(page);
    await until(async () => (await stepShown(page)) > first + 3);
    await page.locator(".uplot").first().waitFor();
    expect(await page.locator("section.chart h3").allInnerTexts()).toEqual(
      expect.arrayContaining(["Rotation accuracy", "Real or fake?", "Losses", "Learning rate"]),
    );
    await page.locator(".missing").getByText("FID (train --evaluate-every").waitFor();
    await page.locator(".samples .grid img").waitFor();
  });

  it("is paused, takes one step, goes on with another learning rate, which is in the record", async () => {
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await page.locator(".pill", { hasText: "Paused" }).waitFor();
    await page.getByText(/Paused after step \d+/).waitFor();
    const paused = lines("live").at(-1)!.step;
    await until(async () => (await stepShown(page)) === paused);

    await page.getByRole("button", { name: "One step" }).click();
    await until(async () => (await stepShown(page)) === paused + 1);
    expect(lines("live").at(-1)!.step).toBe(paused + 1);

    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText(`Saved a checkpoint of step ${paused + 1}.`).waitFor();

    await page.getByRole("button", { name: "Change values" }).click();
    const rate = page.getByLabel("Learning rate optimizer.learningRate");
    await rate.fill("much");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByText('"much" is not a number').waitFor();
    await rate.fill("0.00005");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByText(`In force from step ${paused + 2} on: optimizer.learningRate = 0.00005`).waitFor();
    // What was obeyed needs no form any more; what it was is said where it is read.
    await page.getByRole("form", { name: "Change values" }).waitFor({ state: "detached" });
    await page.getByText(`learningRate 0.00005 since step ${paused + 2}`).waitFor();

    await page.getByRole("button", { name: "Resume" }).click();
    await until(async () => (await stepShown(page)) > paused + 3);
    const record = lines("live");
    expect(record.find(({ kind }) => kind === "change")).toMatchObject({ step: paused + 1 });
    const rateAt = (step: number) =>
      record.find((line) => line.kind === "step" && line.step === step)!.learningRate;
    expect([rateAt(paused + 1), rateAt(paused + 2)]).toEqual([0.001, 0.00005]);
    await page.getByText(`After step ${paused + 1}: optimizer.learningRate = 0.00005`).waitFor();
  });

  it("says what was heard last, though an older answer comes late", async () => {
    let release = () => {};
    const held = new Promise<void>((ready) => {
      release = ready;
    });
    let answers = 0;
    // The first that the server says of the run while it trains comes after all that it says until it is paused.
    await page.route("**/api/runs/live", async (route) => {
      const response = await route.fetch();
      if (answers++ === 0) await held;
      await route.fulfill({ response });
    });
    await until(async () => answers > 1);
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await page.locator(".pill", { hasText: "Paused" }).waitFor();
    const paused = lines("live").at(-1)!.step;
    await until(async () => (await stepShown(page)) === paused);
    const arrived = page.waitForResponse("**/api/runs/live");
    release();
    await page.unrouteAll({ behavior: "wait" });
    await (await arrived).finished();
    await drawn(page);
    expect(await page.locator(".pill").allInnerTexts()).toEqual(["Paused"]);
    expect(await stepShown(page)).toBe(paused);
    await page.getByRole("button", { name: "Resume" }).click();
    await until(async () => (await stepShown(page)) > paused);
  });

  it("shows any image in its four turns, with what both heads say of each", async () => {
    await page.getByRole("button", { name: "Real", exact: true }).click();
    await page.getByRole("button", { name: "Image 12", exact: true }).click();
    await page.getByRole("heading", { name: "Image 12, rotated" }).waitFor();
    expect(page.url()).toContain("image=11");
    expect(page.url()).toContain("show=real");
    await page.locator(".turns .bars").nth(3).waitFor();
    for (const turn of [0, 1, 2, 3]) {
      const said = page.locator(".turns > li").nth(turn);
      const guesses = (await said.locator(".bars .value").allInnerTexts()).map((text) =>
        Number.parseInt(text, 10),
      );
      expect(guesses).toHaveLength(4);
      expect(Math.abs(guesses.reduce((a, b) => a + b) - 100)).toBeLessThanOrEqual(2);
      await said.getByText("Looks real").waitFor();
    }
    const picture = page.locator(".samples .grid img");
    await until(() =>
      picture.evaluate((img: HTMLImageElement) => img.complete && img.src.endsWith("reals.png")),
    );
    const [upright, quarter] = await turnsShown(page);
    const { side } = upright!;
    expect(new Set(upright!.red).size).toBeGreaterThan(1);
    // Counterclockwise, as numpy.rot90: R[row][column] = I[column][side − 1 − row].
    expect(quarter!.red).toEqual(
      upright!.red.map((_, i) => upright!.red[(i % side) * side + side - 1 - Math.floor(i / side)]!),
    );
  });

  it("follows the training with what the heads say, and never empties meanwhile", async () => {
    const turns = page.locator(".turns");
    await turns.locator(".bars").nth(3).waitFor();
    // Every state of the page's tree that a person could see, as observers are called before the page is painted.
    await turns.evaluate((element: HTMLElement & { seen?: { bars: number; said: string }[] }) => {
      element.seen = [];
      const note = () =>
        element.seen!.push({
          bars: element.querySelectorAll(".bars").length,
          said: [...element.querySelectorAll(".score")].map((score) => score.getAttribute("title")).join(),
        });
      note();
      new MutationObserver(note).observe(element, {
        subtree: true,
        childList: true,
        attributes: true,
        characterData: true,
      });
    });
    const seen = () =>
      turns.evaluate((element: HTMLElement & { seen?: { bars: number; said: string }[] }) => element.seen!);
    await until(async () => new Set((await seen()).map(({ said }) => said)).size > 3);
    expect(new Set((await seen()).map(({ bars }) => bars))).toEqual(new Set([4]));
  });

  it("follows it over a line that is slower than the training, too", async () => {
    // No answer comes before the next question.
    let slow = true;
    let release = () => {};
    const asked: string[] = [];
    await page.route("**/*.judgement.json", async (route) => {
      asked.push(route.request().url());
      release();
      if (slow)
        await new Promise<void>((next) => {
          release = next;
        });
      await route.continue();
    });
    await until(async () => asked.length > 0);
    const said = () =>
      page
        .locator(".turns .score")
        .evaluateAll((scores) => scores.map((score) => score.getAttribute("title")).join());
    const before = await said();
    await until(async () => (await said()) !== before);
    const first = await said();
    await until(async () => (await said()) !== first);
    expect(new Set(asked).size).toBe(asked.length);
    slow = false;
    release();
    await page.unrouteAll({ behavior: "wait" });
  });

  it("goes through time by keys, and the address remembers where it is", async () => {
    await page.keyboard.press("a");
    await page.locator("h1").click();
    await page.keyboard.press("Home");
    await until(async () => page.url().includes("step=0"));
    await page.keyboard.press("ArrowRight");
    await until(async () => page.url().includes("step=5"));
    const shown = await page.locator(".samples .grid img").getAttribute("src");
    expect(shown).toContain("0000005-ema.png");
    const again = await browser.newPage();
    await again.goto(page.url());
    await again.locator(".samples .grid img").waitFor();
    expect(await again.locator(".samples .grid img").getAttribute("src")).toBe(shown);
    await again.close();
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("next or previous run").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("End");
    await until(async () => !page.url().includes("step="));
  });

  it("ends when asked to, though the page is still open; and nothing was complained about", async () => {
    expect(complaints).toEqual([]);
    call.child.kill("SIGINT");
    const { code, stderr } = await call.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    await page.getByText("has ended or is out of reach").getByText("quarterturn studio").waitFor();
    // Nothing can be asked of it; and the page says what it heard last, which may be the end.
    const steering = page.getByRole("button", {
      name: /^(Pause|One step|Save|Change values)$/,
      disabled: false,
    });
    await until(async () => (await steering.count()) === 0);
    await page.locator(".pill", { hasText: /^(Training when last heard of|Stopped)$/ }).waitFor();
  });
});
