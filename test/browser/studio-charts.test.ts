/** The studio's page over records written by hand: charts that keep what one has zoomed into, values that can be read, a panel that does not stand in the way. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { expect, it } from "vitest";
import { append, evaluationLine, makeRun, steps } from "../../src/studio/testing/records.ts";
import { lockFolder } from "../../src/training/run/lock.node.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, complaintsOf, NO_CHROMIUM } from "./chromium.ts";
import { CLEAR_DRAWS, COUNT_DRAWS, DRAWN, type Drawn } from "./draws.ts";
import { servedRuns } from "./served-runs.ts";

const { base, hold, serve, open, newPage } = servedRuns("studio-charts");
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
const rangeOf = (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1)).get("x");

describeWith(NO_CHROMIUM, "zooming into a training that goes on", () => {
  it("stays through fifty updates, which draw little, is in the address, the same in all charts, and is undone", async () => {
    const dir = await makeRun(join(base, "zoom"), "live", steps(1, 100), 1000);
    hold(await lockFolder(dir));
    // So small that some charts are out of sight.
    const page = await newPage({ viewport: { width: 620, height: 400 } });
    await page.addInitScript({ content: COUNT_DRAWS });
    await page.goto(`${(await serve("zoom")).url}#run=live`);
    await chart(page, "Losses").locator(".u-over").waitFor();
    await drag(page, "Losses", 0.2, 0.6);
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
    await makeRun(join(base, "waiting"), "a", steps(1, 100), 100);
    const page = await open(await serve("waiting"), "#run=a&x=20-60");
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
    await makeRun(join(base, "tools"), "a", steps(1, 100), 100);
    const page = await open(await serve("tools"), "#run=a&smooth=0");
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

describeWith(NO_CHROMIUM, "the panel of values", () => {
  it.each([
    ["a phone", { viewport: { width: 390, height: 800 } }],
    ["a desk", { viewport: { width: 1280, height: 900 } }],
  ] as const)(
    "on %s covers nothing, and closes by ×, by Escape and by a click elsewhere",
    async (name, options) => {
      const folder = `panel-${name.length}`;
      const dir = await makeRun(join(base, folder), "live", steps(1, 50), 1000);
      hold(await lockFolder(dir));
      const page = await open(await serve(folder), "#run=live", options);
      const opener = page.getByRole("button", { name: "Change values" });
      const form = page.getByRole("form", { name: "Change values" });
      for (const close of [
        () => page.getByRole("button", { name: "Close", exact: true }).click(),
        () => page.keyboard.press("Escape"),
        () => page.getByRole("heading", { name: "Images" }).click(),
        () => opener.click(),
      ]) {
        await opener.click();
        await form.waitFor();
        const [panel, below, button] = await Promise.all([
          form.boundingBox(),
          page.locator("progress").boundingBox(),
          opener.boundingBox(),
        ]);
        expect(panel!.y + panel!.height).toBeLessThanOrEqual(below!.y);
        expect(button!.y + button!.height).toBeLessThanOrEqual(panel!.y);
        await close();
        await form.waitFor({ state: "detached" });
      }
      await opener.click();
      await page.getByLabel("Learning rate optimizer.learningRate").fill("0.0008");
      await form.getByText("0.0002 → 0.0008").waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      const [wide, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(wide).toBeLessThanOrEqual(width!);
      await page.close();
    },
  );
});

describeWith(NO_CHROMIUM, "numbers", () => {
  it("are those of the table of quantities; a smoothed one stands beside its value and says so; settings have none", async () => {
    await makeRun(join(base, "numbers"), "a", steps(1, 300) + evaluationLine(300, 12.3456), 300);
    const page = await open(await serve("numbers"), "#run=a&smooth=0.9");
    const line = (title: string, name: string) =>
      chart(page, title).locator(".legend li", { has: page.getByText(name, { exact: true }) });
    await line("Rotation accuracy", "real images").waitFor();
    // What was not measured is named in one line, with what to do; it has no empty chart.
    const missing = await page.locator(".missing").innerText();
    expect(missing).toMatch(/^Not measured: KID \(with FID\)/);
    expect(missing).toMatch(/Probe accuracy \(of images with labels: train --probe-every 1000/);
    for (const title of ["KID", "Probe accuracy"]) expect(await chart(page, title).count(), title).toBe(0);
    // As testing/records.ts writes it: 0.5 + sin(step / 50) / 5.
    const last100 = Array.from({ length: 100 }, (_, i) => 0.5 + Math.sin((201 + i) / 50) / 5);
    const mean = last100.reduce((a, b) => a + b) / 100;
    expect((await line("Rotation accuracy", "real images").innerText()).split(/\s+/).slice(2)).toEqual([
      `${Math.round(100 * mean)}%`,
      expect.stringMatching(/^~\d+%$/),
    ]);
    expect(await chart(page, "Rotation accuracy").locator(".where").innerText()).toBe(
      "mean of the last 100 steps · ~ smoothed, as drawn",
    );
    expect(await line("Learning rate", "generator").innerText()).toMatch(/^generator\s+0\.0002$/);
    expect(await line("FID", "FID (features of net)").innerText()).toMatch(/12\.346$/);
    await page.goto(`${page.url().split("#")[0]}#run=a&smooth=0`);
    await until(async () => !(await line("Rotation accuracy", "real images").innerText()).includes("~"));
    await page.close();
  });
});

describeWith(NO_CHROMIUM, "odd runs", () => {
  it("of names that every object has are shown, compared and listed as others are", async () => {
    const names = ["__proto__", "constructor", "toString"];
    for (const name of names) await makeRun(join(base, "names"), name, steps(1, 20), 20);
    const studio = await serve("names");
    for (const name of names) {
      const page = await newPage();
      const complaints = complaintsOf(page, studio.url);
      await page.goto(`${studio.url}#run=${name}`);
      await page.locator("h1", { hasText: name }).waitFor();
      await page.locator(".uplot").first().waitFor();
      expect(complaints).toEqual([]);
      await page.close();
    }
    const page = await open(studio, "#run=constructor&with=__proto__&with=toString");
    await page.getByRole("heading", { name: "3 runs compared" }).waitFor();
    await chart(page, "Losses").locator(".margin li").nth(2).waitFor();
    expect(await page.getByText("Loading").count()).toBe(0);
    await page.close();
  });

  it("with a measurement that lacks what it depends on are shown without it", async () => {
    const damaged = evaluationLine(10, 5).replace(/"reference":\{[^}]*\},/, "");
    const dir = await makeRun(join(base, "lacking"), "a", steps(1, 20) + damaged + evaluationLine(20, 9), 20);
    await writeFile(join(dir, "evaluations.jsonl"), damaged);
    const studio = await serve("lacking");
    const page = await newPage();
    const complaints = complaintsOf(page, studio.url);
    await page.goto(`${studio.url}#run=a`);
    await chart(page, "FID").getByText("9.000").waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });
});

describeWith(NO_CHROMIUM, "a server that is gone", () => {
  it("leaves no run training, and what was seen can be gone back to", async () => {
    for (const id of ["one", "two"]) {
      const dir = await makeRun(join(base, "gone"), id, steps(1, 50), 100);
      hold(await lockFolder(dir));
    }
    const studio = await serve("gone");
    const page = await open(studio, "#run=one");
    await page.locator(".uplot").first().waitFor();
    expect(await page.locator(".dot.running").count()).toBe(2);
    await studio.close();
    await page.getByText("has ended or is out of reach").waitFor();
    await until(async () => (await page.locator(".dot.running").count()) === 0);
    await page.getByRole("button", { name: "two" }).getByText("Training when last heard of").waitFor();
    await page.getByRole("button", { name: "two" }).click();
    await page.getByText("It cannot be loaded while the server is out of reach.").waitFor();
    expect(await page.getByText("Loading").count()).toBe(0);
    await page.getByRole("button", { name: "Back to one" }).click();
    await page.locator("h1", { hasText: "one" }).waitFor();
    await page.locator(".uplot").first().waitFor();
    await page.close();
  });
});

describeWith(NO_CHROMIUM, "a folder without runs", () => {
  it("says which it is and what to type", async () => {
    const hint = {
      folder: `${join(base, "nothing")}$&"<x>`,
      commands: ["quarterturn train", "quarterturn train ~/pictures"],
    } as const;
    const page = await open(await serve("nothing", { hint }), "");
    await page.getByRole("heading", { name: "No runs yet" }).waitFor();
    expect(await page.locator("code").allInnerTexts()).toEqual([hint.folder, ...hint.commands]);
    await page.getByRole("button", { name: "Copy “quarterturn train”" }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.close();
  });
});
