/**
 * Charts of the studio's page that keep what one has zoomed into, read with the mouse and with
 * keys.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { expect, it } from "vitest";
import { append, makeRun, steps } from "../../src/studio/testing/records.ts";
import { lockFolder } from "../../src/training/run/folder/lock.node.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, NO_CHROMIUM } from "./chromium.ts";
import { CLEAR_DRAWS, COUNT_DRAWS, DRAWN, type Drawn } from "./draws.ts";
import { servedRuns } from "./served-runs.ts";

const { base, hold, serve, open, newPage } = servedRuns("studio-zoom");
const until = async (test: () => Promise<boolean>) => {
  while (!(await test())) await new Promise((next) => setTimeout(next, 20));
};
const chart = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });

/** Drag over the part of a chart from one share of its width to another. */
async function drag(page: Page, title: string, from: number, to: number): Promise<void> {
  const plot = chart(page, title).locator(".u-over");
  await plot.scrollIntoViewIfNeeded();
  const box = (await plot.boundingBox())!;
  const at = (share: number) => [box.x + share * box.width, box.y + box.height / 2] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at((from + to) / 2));
  await page.mouse.move(...at(to));
  await page.mouse.up();
}
/** A folder of its own for each try of a test. */
let folders = 0;
const newFolder = (): string => `zoom-${++folders}`;
const rangeOf = (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1)).get("x");

describeWith(NO_CHROMIUM, "zooming into a training that goes on", () => {
  it("stays through fifty updates, which draw little, is in the address, the same in all charts, and is undone", async () => {
    const folder = newFolder();
    const dir = await makeRun(join(base, folder), "live", steps(1, 100), 1000);
    hold(await lockFolder(dir));
    // So small that some charts are out of sight.
    const page = await newPage({ viewport: { width: 620, height: 400 } });
    await page.addInitScript({ content: COUNT_DRAWS });
    await page.goto(`${(await serve(folder)).url}#run=live`);
    await chart(page, "Losses").locator(".u-over").waitFor();
    await drag(page, "Losses", 0.2, 0.6);
    // The address follows a moment after the mouse.
    await until(async () => rangeOf(page) !== null);
    const [first = 0, last = 0] = (rangeOf(page) ?? "").split("-").map(Number);
    expect([first >= 15 && first <= 25, last >= 55 && last <= 65]).toEqual([true, true]);
    const pill = page.getByRole("button", { name: `Steps ${first} – ${last}` });
    await pill.waitFor();
    await page.evaluate(CLEAR_DRAWS);
    for (let update = 1; update <= 50; update++) {
      await append(dir, steps(100 + update, 100 + update));
      await new Promise((next) => setTimeout(next, 40));
    }
    await page.locator(".status").getByText("step 150 of").waitFor();
    // Charts in sight follow, with far fewer redraws than updates; the others wait until somebody comes by.
    await until(async () => ((await page.evaluate(DRAWN)) as Drawn[]).some(({ draws }) => draws > 0));
    const drawn = (await page.evaluate(DRAWN)) as Drawn[];
    expect(Math.max(...drawn.map(({ draws }) => draws))).toBeLessThan(25);
    const far = drawn.filter(({ near }) => !near);
    expect([far.length > 0, far.filter(({ draws }) => draws > 0)]).toEqual([true, []]);
    expect(rangeOf(page)).toBe(`${first}-${last}`);
    // What the charts really draw: the cursor at their edges is at those steps, in all of them.
    for (const title of ["Losses", "Rotation accuracy", "Learning rate"]) {
      const plot = chart(page, title).locator(".u-over");
      await plot.scrollIntoViewIfNeeded();
      const box = (await plot.boundingBox())!;
      const steps: number[] = [];
      for (const x of [box.x + 1, box.x + box.width - 1]) {
        await page.mouse.move(x, box.y + 40);
        const where = chart(page, title).locator(".where");
        await where.getByText(/^step/).waitFor();
        steps.push(Number(/step (\d+)/.exec(await where.innerText())![1]));
      }
      expect(Math.abs(steps[0]! - first), title).toBeLessThanOrEqual(1);
      expect(Math.abs(steps[1]! - last), title).toBeLessThanOrEqual(1);
    }
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.reload();
    await pill.waitFor();
    await pill.click();
    await until(async () => rangeOf(page) === null);
    await drag(page, "Speed", 0.5, 0.9);
    await until(async () => rangeOf(page) !== null);
    await chart(page, "Speed").locator(".u-over").dblclick();
    await until(async () => rangeOf(page) === null);
    await page.close();
  });

  it("is read as it is, even before a chart's turn to be drawn has come", async () => {
    const folder = newFolder();
    await makeRun(join(base, folder), "a", steps(1, 100), 100);
    const page = await open(await serve(folder), "#run=a&x=20-60");
    await chart(page, "Rotation accuracy").locator(".u-over").scrollIntoViewIfNeeded();
    // No frame comes any more in which the next range could be drawn.
    await page.evaluate("globalThis.requestAnimationFrame = () => 0");
    await page.getByRole("button", { name: "Steps 20 – 60" }).click();
    await until(async () => rangeOf(page) === null);
    for (const title of ["Losses", "Rotation accuracy"]) {
      const plot = chart(page, title).locator(".u-over");
      await plot.hover({ position: { x: 1, y: 40 } });
      await chart(page, title)
        .locator(".where")
        .getByText(/^step 1\b/)
        .waitFor();
    }
    await page.close();
  });

  it("works with keys, along steps, images and time; scales, sizes, values and pictures of charts can be had", async () => {
    const folder = newFolder();
    await makeRun(join(base, folder), "a", steps(1, 100), 100);
    const page = await open(await serve(folder), "#run=a&smooth=0");
    const losses = chart(page, "Losses");
    const plot = losses.getByRole("application");
    await plot.focus();
    for (const key of ["Home", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
    // As testing/records.ts writes it: 2 + sin(step / 50).
    const at3 = (2 + Math.sin(3 / 50)).toPrecision(3);
    await losses.getByRole("status").getByText(`step 3: discriminator ${at3}`).waitFor();
    for (let i = 0; i < 5; i++) await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Enter");
    await until(async () => rangeOf(page) === "3-8");
    await page.keyboard.press("Escape");
    await until(async () => rangeOf(page) === null);
    expect(page.url(), "arrows of a chart are no arrows of the page").not.toContain("step=");

    await losses.getByRole("button", { name: "discriminator" }).click();
    await losses.getByRole("img", { name: /^Losses: discriminator/ }).waitFor();
    expect(await losses.locator(".legend li.off").innerText()).toBe("discriminator");
    const saved = async (name: string): Promise<Buffer> => {
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        losses.getByRole("button", { name }).click(),
      ]);
      return readFileSync(await file.path());
    };
    const rows = (await saved("Save the values as CSV")).toString("utf8").trim().split("\r\n");
    expect([rows[0], rows.length, rows[1]]).toEqual([
      "step,generator",
      101,
      `1,${Number((-Math.sin(1 / 50)).toPrecision(6))}`,
    ]);
    await losses.getByRole("button", { name: "discriminator" }).click();
    const png = await saved("Save the picture as PNG");
    const { width, height } = await sharp(png).metadata();
    expect(width).toBeGreaterThan(200);
    expect(height).toBeGreaterThan(190);

    await losses.getByRole("button", { name: "log: a logarithmic scale" }).click();
    await losses.getByRole("button", { name: "Larger" }).click();
    await until(async () => page.url().includes("chart=Losses%2Flog.large"));
    // A loss below 0 has a place on that scale, too.
    await losses.locator(".u-over").waitFor();
    await until(async () => (await losses.locator(".u-over").boundingBox())!.height > 300);
    await page.getByRole("button", { name: "Images", exact: true }).click();
    await until(async () => page.url().includes("along=images"));
    await plot.focus();
    await page.keyboard.press("End");
    await losses
      .getByRole("status")
      .getByText(/^6,400 images: /)
      .waitFor();
    await page.getByRole("button", { name: "Time", exact: true }).click();
    await plot.focus();
    await page.keyboard.press("End");
    await losses
      .getByRole("status")
      .getByText(/^10 s: /)
      .waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.close();
  });
});
