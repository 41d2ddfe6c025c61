/**
 * The studio in a real browser over runs that have ended: what is shown, compared, and how it looks
 * in light, dark and on a phone.
 */
import { readdir } from "node:fs/promises";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Call, makePictures, Workspace } from "../cli/support.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, colorsSettled, findChromium, NO_CHROMIUM } from "./chromium.ts";
import { oneBrowser, type PageOptions } from "./one-browser.ts";
import { addressOf, trainArguments } from "./studio-support.ts";

const executable = findChromium();

/** Relative luminance of `rgb(…)` (WCAG 2.2). */
function luminance(color: string): number {
  const [red, green, blue] = (color.match(/[\d.]+/g) ?? []).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/**
 * What is chosen among several, and how far it stands out from the ground of the others (WCAG
 * 1.4.11).
 */
async function chosenOf(page: Page): Promise<{ name: string; contrast: number }[]> {
  await colorsSettled(page);
  const chosen = await page.locator(".segments button[aria-pressed=true]").evaluateAll((buttons) =>
    buttons.map((button) => ({
      name: button.textContent ?? "",
      colors: [button, button.parentElement!].map((element) => getComputedStyle(element).backgroundColor),
    })),
  );
  expect(chosen.length).toBeGreaterThan(0);
  const listed = await page.locator(".run.current").evaluateAll((runs) =>
    runs.map((run) => ({
      name: "the run in the list",
      colors: [
        /rgb\([^)]*\)/.exec(getComputedStyle(run).boxShadow)![0],
        getComputedStyle(document.body).backgroundColor,
      ],
    })),
  );
  return [...chosen, ...listed].map(({ name, colors }) => {
    const [low = 0, high = 0] = colors.map(luminance).sort((a, b) => a - b);
    return { name, contrast: (high + 0.05) / (low + 0.05) };
  });
}

const workspace = new Workspace();
beforeAll(async () => {
  if (executable) await makePictures(workspace.path("pictures"), 64);
});
afterAll(() => workspace.remove());
const browser = oneBrowser();

describeWith(NO_CHROMIUM, "finished runs", () => {
  let call: Call;
  let address: string;
  beforeAll(async () => {
    const plain = trainArguments("plain", 25, "--no-studio", "--set", "objective.selfSupervision=none");
    // It would have no effect, and is refused.
    plain.splice(plain.indexOf("objective.rotatedBatch=16") - 1, 2);
    const runs = [plain, trainArguments("rotation", 20, "--no-studio", "--seed", "7")];
    for (const run of runs) expect(await workspace.run(...run)).toMatchObject({ code: 0, stderr: "" });
    call = workspace.start("studio", "--port", "0");
    address = await addressOf(call);
  });
  afterAll(async () => {
    call?.child.kill("SIGINT");
    expect(await call?.ended).toMatchObject({ code: 0, stderr: "" });
  });

  async function open(path: string, options: PageOptions = {}): Promise<Page> {
    const page = await browser.open(address + path, options);
    await page.locator("h1").waitFor();
    await page.locator(".uplot").first().waitFor();
    return page;
  }

  it("without a rotation head, an image has the other head's score only", async () => {
    const page = await open("#run=plain");
    await page.getByText("has no pretext task that answers: it only says").waitFor();
    expect(await page.locator(".turns .score").count()).toBe(4);
    expect(await page.locator(".turns .bars").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Pause", exact: true }).count()).toBe(0);
    await page.close();
  });

  it("are compared: grids, curves over one another, and the values that differ", async () => {
    const page = await open("#run=plain");
    await page.getByRole("checkbox", { name: "Compare rotation with plain" }).check();
    await page.getByRole("heading", { name: "2 runs compared" }).waitFor();
    expect(page.url()).toContain("with=rotation");
    await page.locator("figure img").nth(1).waitFor();
    const table = await page
      .getByRole("region", { name: "Table of values that differ" })
      .locator("tbody tr")
      .allInnerTexts();
    expect(table.map((row) => row.split(/\s+/))).toEqual([
      ["objective.selfSupervision", "none", "rotation"],
      ["training.seed", "1", "7"],
      ["training.steps", "25", "20"],
    ]);
    // The same latent vector in both, in four turns; one has no rotation head.
    const turns = page.getByRole("region", { name: "Image 1 of each, rotated" });
    await turns.locator(".score").nth(7).waitFor();
    expect(await turns.locator(".bars").count()).toBe(4);
    // The same through each training: a film of answers for one, of scores for the other.
    await page
      .getByRole("region", { name: "Through the training" })
      .getByRole("button", { name: "Show" })
      .click();
    for (const run of ["plain", "rotation"])
      await page.getByRole("region", { name: `Image 1 of ${run} through the training` }).waitFor();
    await page.getByRole("button", { name: "Image 12", exact: true }).first().click();
    await page.getByRole("heading", { name: "Image 12 of each, rotated" }).waitFor();
    // One legend for all charts; a run left out is left out of each.
    const losses = page.getByRole("region", { name: "Losses", exact: true });
    // A chart is drawn when somebody sees it.
    await losses.scrollIntoViewIfNeeded();
    await losses.locator(".margin li").nth(1).waitFor();
    const key = page.getByRole("list", { name: "Runs of the curves" });
    expect(await key.getByRole("button").allInnerTexts()).toEqual(["plain", "rotation"]);
    await key.getByRole("button", { name: "plain" }).click();
    await losses.getByRole("img", { name: /^Losses, discriminator: plain/ }).waitFor();
    expect(await losses.locator(".margin li").count()).toBe(1);
    const stand = page.getByRole("region", { name: "Table of how they stand" });
    expect(await stand.locator("tbody th").allInnerTexts()).toEqual(
      expect.arrayContaining(["Rotation accuracy (real)", "D(real)", "Speed"]),
    );
    expect(await stand.getByText("(best)").count()).toBeGreaterThan(0);
    await page.keyboard.press("d");
    await page.getByRole("slider", { name: "Share of rotation" }).fill("1");
    expect(await page.locator(".flicker .over").evaluate((image) => getComputedStyle(image).opacity)).toBe(
      "1",
    );
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.goBack();
    await page.close();
  });

  it("are looked into: answers through the training, a map by keys, layers, a picture of one's own", async () => {
    const page = await open("#run=rotation&show=real");
    await page.getByRole("button", { name: "Look inside" }).click();
    expect(page.url()).toContain("inside=newest");
    // Real images through time: five grids, four turns and two rows below.
    const film = page.getByRole("region", { name: "Image 1 through the training" });
    await film.locator("tbody tr:first-child .good, tbody tr:first-child .wrong").nth(4).waitFor();
    expect(await film.getByRole("row").allInnerTexts()).toHaveLength(7);
    await film.getByRole("button", { name: "step 10" }).click();
    expect(page.url()).toContain("step=10");
    // The map: one stop of the tab key, arrows go on, and each point says what it is.
    const map = page.getByRole("group", { name: "Map of its features" });
    await map.getByRole("button").nth(127).waitFor();
    const first = map.locator('[tabindex="0"]');
    expect(await first.count()).toBe(1);
    await first.focus();
    const before = await first.getAttribute("aria-label");
    expect(before).toMatch(/^(Real|Generated.*) image \d+, told right in \d of 4 views, looks real \d+%$/);
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    const focused = page.locator(".map :focus");
    expect(await focused.getAttribute("aria-label")).not.toBe(before);
    await page.keyboard.press("Enter");
    expect(page.url()).toMatch(/image=\d/);
    const legend = page.getByRole("group", { name: "Which images are on the map" });
    expect(await legend.getByRole("button").allInnerTexts()).toEqual(
      ["Real", "Generated, averaged", "Generated"].map((name) =>
        expect.stringMatching(new RegExp(`^${name}\\s+\\d+% told right$`)),
      ),
    );
    await legend.getByRole("button", { name: /^Real/ }).click();
    expect(await map.getByRole("button").count()).toBe(64);
    // By neighbors the same images lie elsewhere; the address has it.
    const places = () =>
      map.getByRole("button").evaluateAll((all) => all.map((one) => one.getAttribute("style")));
    const along = await places();
    await page.getByRole("button", { name: "UMAP" }).click();
    await page.getByText("so that images with like features lie beside one another").waitFor();
    expect(page.url()).toContain("map=neighbors");
    const beside = await places();
    expect([beside.length, beside.filter((style, i) => style === along[i]).length]).toEqual([64, 0]);
    for (const title of ["Spectral norm by layer", "Gradient norm by layer"])
      await page.getByRole("img", { name: new RegExp(`^${title}: .*block1/conv1 [\\d.]+`) }).waitFor();
    // The weights of the chosen step, of either network.
    const weights = page.locator(".weights");
    await weights.getByText(/^At step 10, the latest weights, [\d,]+ in \d+ layers/).waitFor();
    const spread = weights.getByRole("img", {
      name: /^block1\/conv1: [\d,]+ weights, \d+ → \d+, 3 × 3, mean .+, standard deviation 0\.\d+, from -.+ to 0\.\d+$/,
    });
    const outline = () => spread.locator("path").getAttribute("d");
    const judging = await outline();
    await weights.getByRole("button", { name: "Generator" }).click();
    await expect.poll(outline).not.toBe(judging);
    // One's own picture is no file of the run; what is no picture is refused in words.
    const input = page.getByLabel("A picture of yours", { exact: true });
    const [picture] = await readdir(workspace.path("pictures"));
    await input.setInputFiles(workspace.path("pictures", picture!));
    const own = page.locator(".own");
    await own.locator(".bars").nth(3).waitFor();
    await own.getByText(picture!).waitFor();
    await input.setInputFiles({ name: "a.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
    await own.getByRole("alert").getByText("This picture cannot be used").waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.reload();
    await map.getByRole("button").nth(63).waitFor();
    await page.close();
  });

  it.each([
    { width: 1280, height: 900 },
    { width: 360, height: 740 },
  ])("are accessible and fit the screen: %j", async (viewport) => {
    for (const path of ["#run=rotation&image=3&inside=newest", "#run=rotation&with=plain"]) {
      const page = await open(path, { viewport });
      await page.locator("img.pixels").first().waitFor({ state: "attached" });
      if (path.includes("inside")) await page.locator(".map button").first().waitFor();
      expect(await accessibilityProblems(page), path).toEqual([]);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const { name, contrast } of await chosenOf(page))
          expect(contrast, `${path}, ${colorScheme}: ${name} against the others`).toBeGreaterThanOrEqual(3);
      }
      const [wide, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(wide, `${path}: wider than the screen`).toBeLessThanOrEqual(width!);
      await page.close();
    }
  });

  it("show an image as large as the window, go on to others, and let images and grids be kept", async () => {
    const page = await open("#run=rotation&image=3");
    await page.getByRole("button", { name: "Enlarge image 4" }).click();
    const dialog = page.getByRole("dialog", { name: "Image 4 of 64" });
    await dialog.waitFor();
    const canvas = page.locator("dialog[open] canvas");
    const ink = () =>
      canvas.evaluate((element: HTMLCanvasElement) =>
        [...element.getContext("2d")!.getImageData(0, 0, element.width, element.height).data].join(),
      );
    const fourth = await ink();
    expect((await canvas.boundingBox())!.width).toBeGreaterThan(400);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press("ArrowDown");
    await page.getByRole("dialog", { name: "Image 12 of 64" }).waitFor();
    expect(page.url()).toContain("image=11");
    expect(page.url(), "arrows are the images', not the time's").not.toContain("step=");
    expect(await ink()).not.toBe(fourth);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    const saved = async (name: string) => {
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name }).click(),
      ]);
      const { width, height, format } = await sharp(await file.path()).metadata();
      return [file.suggestedFilename(), format, width, height];
    };
    // 16 pixels 32 times over; eight of them with gaps of two are 142 wide, 8 times over.
    expect(await saved("Save image 12")).toEqual(["rotation-averaged-step-20-image-12.png", "png", 512, 512]);
    expect(await saved("Save the grid")).toEqual(["rotation-averaged-step-20.png", "png", 1136, 1136]);
    await page.close();
  });

  it("take the whole of a wide screen, with larger images", async () => {
    const page = await open("#run=rotation&image=3", { viewport: { width: 2560, height: 1440 } });
    await page.locator(".turns .bars").nth(3).waitFor();
    const [main, turn] = await Promise.all([
      page.locator("main > .curves").boundingBox(),
      page.locator(".turns canvas").first().boundingBox(),
    ]);
    expect(2560 - (main!.x + main!.width), "pixels left empty at the right").toBeLessThan(60);
    expect(main!.width).toBeGreaterThan(2100);
    expect(turn!.width).toBeGreaterThan(140);
    await page.close();
  });
});
