import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { evaluationLine, makeRun, steps } from "../../src/studio/testing/records.ts";
import { lockFolder } from "../../src/training/run/folder/lock.node.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, complaintsOf, NO_CHROMIUM } from "./chromium.ts";
import { servedRuns } from "./served-runs.ts";

const { base, hold, serve, open, newPage } = servedRuns("studio-charts");
const until = async (test: () => Promise<boolean>) => {
  while (!(await test())) await new Promise((next) => setTimeout(next, 20));
};
const chart = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });

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
    expect(await line("FID (features of net)", "FID (features of net)").innerText()).toMatch(/12\.346$/);
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
    await chart(page, "FID (features of net)").getByText("9.000").waitFor();
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
