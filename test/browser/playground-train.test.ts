/**
 * Training in a tab, in a real Chromium: pictures of one's own, a run that is saved as a file, goes
 * on under the real command line, and the other way round. What comes out is what Node computes
 * alone, but for rounding.
 */
import { readFileSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ArchivedRun, unzipRun } from "../../src/training/run/folder/archive.ts";
import { makePictures, Workspace } from "../cli/support.ts";
import { describeWith } from "../support/needs.ts";
import { readGolden } from "../support/safetensors.ts";
import { accessibilityProblems, findChromium, NO_CHROMIUM } from "./chromium.ts";
import {
  canvasPixels,
  dropOnto,
  eventually,
  type OpenedPage,
  type Playground,
  startPlayground,
} from "./playground-support.ts";

const chromium = findChromium();
const STEPS = 4;
const HALF = 2;
const PICTURES = 66;

describeWith(NO_CHROMIUM, "training in a tab", () => {
  const workspace = new Workspace();
  let playground: Playground;
  let opened: OpenedPage;
  /** Saved after the first half. */
  let fromTab: ArchivedRun;
  beforeAll(async () => {
    playground = await startPlayground(chromium!);
    await makePictures(workspace.path("pictures"), PICTURES);
    opened = await playground.open(`${playground.isolated.address}#train`);
  });
  afterAll(async () => {
    await playground?.close();
    workspace.remove();
  });

  /** Give files to the page as a person chooses them. */
  const give = (page: Page, ...files: (string | { name: string; mimeType: string; buffer: Buffer })[]) =>
    page.locator("input.files").setInputFiles(files as string[]);
  const pictures = Array.from({ length: PICTURES }, (_, i) =>
    workspace.path("pictures", `${String(i).padStart(3, "0")}.png`),
  );
  const numberField = (page: Page, label: string) =>
    page.getByRole("spinbutton", { name: new RegExp(`^${label}`) });
  /**
   * Train until the page says it has stopped, after so many steps. The phases before may be shorter
   * than it takes to look twice.
   */
  const trainUntil = async (page: Page, button: RegExp, step: number): Promise<void> => {
    await page.getByRole("button", { name: button }).last().click();
    const stopped = page.locator(".how").filter({ has: page.locator(".state[data-phase=stopped]") });
    await stopped.locator(".step", { hasText: new RegExp(`^${step}$`) }).waitFor();
  };
  const saved = async (page: Page): Promise<ArchivedRun> => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save the run" }).click(),
    ]);
    return unzipRun(readFileSync((await download.path())!), download.suggestedFilename());
  };
  const unpack = async (name: string, { files }: ArchivedRun, keep = /./): Promise<void> => {
    for (const [path, bytes] of files) {
      if (!keep.test(path)) continue;
      await mkdir(dirname(workspace.path(name, path)), { recursive: true });
      await writeFile(workspace.path(name, path), bytes);
    }
  };
  const checkpointOf = (name: string): Map<string, ArrayLike<number>> => {
    const folder = workspace.path(name, "checkpoints", `000000${STEPS}`);
    const files = ["weights.safetensors", "state.safetensors"].map((file) =>
      readGolden(pathToFileURL(resolve(folder, file))),
    );
    return new Map(files.flatMap((tensors) => [...tensors].map(([key, { data }]) => [key, data])));
  };
  const norm = (values: ArrayLike<number>): number =>
    Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));

  /**
   * Every network's state as a whole to 1e-3 of its length. Adam's first moment is with β₁ = 0 the
   * gradient of the last step, in which a ReLU at the brink shows.
   */
  function expectSameState(actual: string, expected: string): void {
    const [a, b] = [checkpointOf(actual), checkpointOf(expected)];
    expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
    const groups = new Map<string, { difference: number[]; values: number[] }>();
    for (const [name, values] of b) {
      const group = name.includes("/adam/") ? name : name.split("/")[0]!;
      const { difference, values: all } = groups.get(group) ?? { difference: [], values: [] };
      for (let i = 0; i < values.length; i++) {
        difference.push(values[i]! - a.get(name)![i]!);
        all.push(values[i]!);
      }
      groups.set(group, { difference, values: all });
    }
    for (const [name, { difference, values }] of groups)
      expect(norm(difference) / norm(values), name).toBeLessThan(name.endsWith("/adam/m") ? 3e-2 : 1e-3);
  }
  const progressOf = async (name: string) => {
    const text = await readFile(workspace.path(name, "checkpoints", `000000${STEPS}`, "meta.json"), "utf8");
    const { updates, streams, batches } = (JSON.parse(text) as { progress: Record<string, unknown> })
      .progress;
    return { updates, streams, batches };
  };

  it("says what it cannot use, and what it is short of", async () => {
    const { page } = opened;
    const alert = page.getByRole("alert");
    await give(page, ...pictures.slice(0, 5));
    await eventually(() => alert.textContent()).toContain("only 5 usable images");
    const broken = { name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no picture") };
    await give(page, broken);
    await eventually(() => alert.textContent()).toContain("not an image that this browser can read");
    await give(page, { name: "run.zip", mimeType: "application/zip", buffer: Buffer.from("PK but no more") });
    await eventually(() => alert.textContent()).toContain("run.zip is damaged or is no zip file");
  });

  it("takes pictures upright and from the middle", async () => {
    const { page } = opened;
    // Green with a red bar at its right, stored on its side: EXIF 6 says "turn by 90° clockwise", so that the bar is below.
    const wide = await sharp({ create: { width: 300, height: 128, channels: 3, background: "#00ff00" } })
      .composite([
        {
          input: { create: { width: 20, height: 128, channels: 3, background: "#ff0000" } },
          left: 194,
          top: 0,
        },
      ])
      .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const turned = Array.from({ length: 64 }, (_, i) => ({
      name: `${i}.jpg`,
      mimeType: "image/jpeg",
      buffer: wide,
    }));
    await give(page, ...turned);
    await page.getByText("64 images of pictures at 32×32").waitFor();
    await eventually(() => page.locator(".warning").allTextContents()).toContainEqual(
      expect.stringContaining("have the same pixels"),
    );
    const preview = await canvasPixels(page, ".preview canvas");
    const row = (y: number): number[] => preview.slice((y * (16 * 33 - 1) + 16) * 3).slice(0, 3);
    expect(row(2)[1]).toBeGreaterThan(200);
    expect(row(2)[0]).toBeLessThan(60);
    expect(row(30)[0]).toBeGreaterThan(200);
    expect(row(30)[1]).toBeLessThan(60);
    await page.getByRole("button", { name: "Other images…" }).click();
  });

  it("takes a folder that is dropped, with all below it", async () => {
    const { page } = opened;
    for (const [i, path] of pictures.entries()) {
      const to = workspace.path("dropped", i % 2 === 0 ? "even" : "odd", `${i}.png`);
      await mkdir(dirname(to), { recursive: true });
      await copyFile(path, to);
    }
    await dropOnto(page, workspace.path("dropped"));
    await page.getByText(`${PICTURES} images of dropped`).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.getByRole("button", { name: "Other images…" }).click();
  });

  it("trains, tells how long it will take, can be paused and stopped, and is saved", async () => {
    const { page, problems, foreign } = opened;
    await page.locator("input.folder").setInputFiles(workspace.path("pictures"));
    await page.getByText(`${PICTURES} images of pictures`).waitFor();
    await page.getByLabel("Width").selectOption("8");
    await page.getByLabel("Batch").selectOption("16");
    await numberField(page, "Steps").fill(String(HALF));
    await numberField(page, "Seed").fill("5");
    await numberField(page, "Seed").press("Tab");
    await page.getByRole("button", { name: "How fast here?" }).click();
    await eventually(() => page.locator(".expect").textContent()).toMatch(
      /about \d+ seconds? for 2 steps of/,
    );
    await trainUntil(page, /^Train$/, HALF);
    fromTab = await saved(page);
    expect(fromTab.name).toBe("pictures-32");
    await unpack("tab", fromTab);

    // All of it is done, which is said, and how to go on.
    expect(await page.locator(".state").textContent()).toBe("Finished");
    expect(await page.locator(".expect").textContent()).toMatch(
      /Finished: 2 steps are done\.\s+To go on, raise the number of steps\./,
    );
    expect(await page.getByRole("button", { name: /^Go on/ }).count()).toBe(0);
    await page.getByRole("button", { name: `Add ${HALF} steps` }).click();
    expect(await numberField(page, "Steps").inputValue()).toBe(String(2 * HALF));
    expect(await page.locator(".state").textContent()).toBe("Stopped");

    // More steps than anybody waits for: paused, one step, saved while paused, stopped.
    await numberField(page, "Steps").fill("500");
    await numberField(page, "Steps").press("Tab");
    await page.getByRole("button", { name: "Go on from step 2" }).click();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator(".state[data-phase=paused]").waitFor();
    const step = Number(await page.locator(".step").textContent());
    await page.getByRole("button", { name: "One step" }).click();
    await eventually(() => page.locator(".step").textContent()).toBe(String(step + 1));
    const { files } = await saved(page);
    expect([...files.keys()]).toContain(`checkpoints/${String(step + 1).padStart(7, "0")}/meta.json`);
    // Other images have no place while it lasts, which is said; it goes on where it was.
    await dropOnto(page, workspace.path("dropped"));
    await eventually(() => page.getByRole("alert").textContent()).toMatch(
      /A run is being trained, so dropped was not opened\.[\s\S]*stop the run[\s\S]*drop them again/,
    );
    expect(await page.locator(".step").textContent()).toBe(String(step + 1));
    await page.getByRole("button", { name: "Stop" }).click();
    await page.locator(".state[data-phase=stopped]").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    expect(problems).toEqual([]);
    expect(foreign).toEqual([]);
  });

  it("shows samples, turns and curves without barriers", async () => {
    const { page } = opened;
    expect(await page.getByRole("img", { name: "64 samples at step" }).count()).toBe(1);
    expect(await page.locator(".turns canvas").count()).toBe(4);
    await page.getByRole("button", { name: "Image 10", exact: true }).click();
    await page.getByText("says of image 10").waitFor();
    expect(await page.locator(".chart").count()).toBe(3);
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it("goes on in Node as if Node had done all of it", async () => {
    const continued = await workspace.run("train", "--run", "tab", "--steps", `${STEPS}`, "--threads", "1");
    expect(continued).toMatchObject({ code: 0 });
    expect(continued.stdout).toMatch(/^66 images at 32×32 /m);
    // The same run from its beginning: configuration and images, and nothing else.
    await unpack("node", fromTab, /^(config\.json|images\/)/);
    const whole = await workspace.run("train", "--run", "node", "--steps", `${STEPS}`, "--threads", "1");
    expect(whole).toMatchObject({ code: 0 });
    expectSameState("tab", "node");
    expect(await progressOf("tab")).toEqual(await progressOf("node"));
  });

  it("goes on in a tab as if Node had done all of it", async () => {
    await unpack("half", fromTab, /^(config\.json|images\/)/);
    await workspace.run("train", "--run", "half", "--steps", `${HALF}`, "--threads", "1");
    const bundled = await workspace.run("bundle", "half");
    expect(bundled).toMatchObject({ code: 0 });
    // One thread this time: a page that is not isolated.
    const { page, problems } = await playground.open(`${playground.plain.address}#train`);
    await give(page, workspace.path("half.zip"));
    // It has all the steps it was to have, until more are asked for.
    await page.getByText("To go on, raise the number of steps.").waitFor();
    expect(await page.locator(".state").textContent()).toBe("Finished");
    await page.getByText(`${PICTURES} images at 32×32`).waitFor();
    await numberField(page, "Steps").fill(`${STEPS}`);
    await numberField(page, "Steps").press("Tab");
    await trainUntil(page, /^Go on/, STEPS);
    await unpack("back", await saved(page));
    expectSameState("back", "node");
    expect(await progressOf("back")).toEqual(await progressOf("node"));

    // The tab is closed and opened again: the run is still there.
    await page.reload();
    await page.getByRole("button", { name: "Go on with it" }).click();
    await page.getByRole("button", { name: "Save the run" }).waitFor();
    expect(await page.locator(".step").textContent()).toBe(`${STEPS}`);
    expect(problems).toEqual([]);
  });
});
