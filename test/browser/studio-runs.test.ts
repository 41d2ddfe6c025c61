/**
 * The studio's page in a real browser over records that were written by hand: what is compared,
 * what is missing, what cannot be read.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { MAX_WATCHED } from "../../src/studio/protocol.ts";
import type { Studio } from "../../src/studio/server/server.ts";
import { append, makeRun, sampleLine, steps } from "../../src/studio/testing/records.ts";
import { lockFolder } from "../../src/training/run/folder/lock.node.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, NO_CHROMIUM } from "./chromium.ts";
import { servedRuns } from "./served-runs.ts";

const { base, serve, open, newPage } = servedRuns("studio-page");

describeWith(NO_CHROMIUM, "runs that are compared", () => {
  it("are laid over one another by any line of a chart, and the address remembers which", async () => {
    for (const id of ["a", "b"]) await makeRun(join(base, "lines"), id, steps(1, 40), 40);
    const page = await open(await serve("lines"), "#run=a&with=b");
    const losses = page.getByRole("region", { name: "Losses", exact: true });
    const choice = losses.getByRole("combobox", { name: "Line of “Losses”" });
    await losses.getByRole("img", { name: /^Losses, discriminator: a / }).waitFor();
    await choice.focus();
    await page.keyboard.press("ArrowDown");
    await losses.getByRole("img", { name: /^Losses, generator: a / }).waitFor();
    expect(new URL(page.url()).hash).toBe("#run=a&with=b&line=Losses%2Fgenerator");
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.reload();
    await losses.getByRole("img", { name: /^Losses, generator: a / }).waitFor();
    expect(await choice.inputValue()).toBe("generator");
    expect(await page.getByRole("combobox", { name: "Line of “Speed”" }).count()).toBe(0);
    await page.close();
  });
});

describeWith(NO_CHROMIUM, "a page that watches for long", () => {
  it("holds no more after many updates than after a few", async () => {
    const total = 100_000;
    const dir = await makeRun(join(base, "long"), "long", sampleLine(0) + steps(1, 40), total);
    const page = await open(await serve("long"), "#run=long");
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.enable");
    const heap = async (): Promise<number> => {
      await session.send("HeapProfiler.collectGarbage");
      return (await session.send("Runtime.getHeapUsage")).usedSize;
    };
    let done = 40;
    const goOn = async (updates: number): Promise<void> => {
      for (let i = 0; i < updates; i++) {
        await append(dir, steps(done + 1, done + 100));
        done += 100;
        await page.waitForFunction((step) => document.querySelector("progress")?.value === step, done);
      }
    };
    await goOn(8);
    const [before, elements] = [await heap(), await page.locator("*").count()];
    await goOn(16);
    expect((await heap()) - before).toBeLessThan(1.5e6);
    expect(Math.abs((await page.locator("*").count()) - elements)).toBeLessThan(60);
    await page.close();
  });
});

describeWith(NO_CHROMIUM, "the most runs that can be compared", () => {
  it("are ticked, the others cannot be, and the list says so; the curves of all look different", async () => {
    const ids = Array.from({ length: MAX_WATCHED + 2 }, (_, i) => `run-${i + 1}`);
    for (const id of ids) await makeRun(join(base, "many"), id, steps(1, 20), 20);
    const others = ids.slice(1, MAX_WATCHED - 1).map((id) => `&with=${id}`);
    const page = await open(await serve("many"), `#run=run-1${others.join("")}`);
    const box = (id: string) => page.getByRole("checkbox", { name: `Compare ${id} with run-1`, exact: true });
    await box(ids[MAX_WATCHED - 1]!).check();
    await page.getByText("12 runs are compared, which is the most there can be.").waitFor();
    for (const id of ids.slice(MAX_WATCHED)) expect(await box(id).isDisabled(), id).toBe(true);
    expect(await box("run-5").isEnabled()).toBe(true);
    const swatches = page.getByRole("list", { name: "Runs of the curves" }).locator(".swatch");
    await swatches.nth(MAX_WATCHED - 1).waitFor();
    const looks = await swatches.evaluateAll((all) => all.map((one) => getComputedStyle(one).background));
    expect(new Set(looks).size).toBe(MAX_WATCHED);
    await box("run-5").uncheck();
    await page.getByText("Tick other runs to compare them").waitFor();
    expect(await box("run-14").isEnabled()).toBe(true);
    await page.close();
  });
});

describeWith(NO_CHROMIUM, "a run that cannot be shown", () => {
  let studio: Studio;
  beforeAll(async () => {
    await makeRun(join(base, "damaged"), "good", steps(1, 40), 40);
    await makeRun(join(base, "damaged"), "bad", steps(1, 40), 40);
    await writeFile(join(base, "damaged", "bad", "config.json"), "{");
    studio = await serve("damaged");
  });

  it("says why, and is shown once it can be", async () => {
    const page = await open(studio, "#run=bad");
    const said = page.getByRole("alert").getByText(/config\.json is damaged.*Restore it/);
    await said.waitFor();
    // The list of runs is asked for again meanwhile, and answered.
    await page.waitForResponse("**/api/table");
    await page.waitForResponse("**/api/table");
    expect(await said.count()).toBe(1);
    expect(await page.getByText("Loading").count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await makeRun(join(base, "damaged"), "bad", steps(1, 40), 40);
    await page.locator(".uplot").first().waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    await writeFile(join(base, "damaged", "bad", "config.json"), "{");
    await page.close();
  });

  it("is missing, and says so, alone and among others", async () => {
    const page = await open(studio, "#run=gone");
    await page.getByRole("alert").getByText("There is no such run in this folder.").waitFor();
    await page.goto(`${studio.url}#run=gone&with=bad&with=good`);
    await page.locator("figure", { hasText: "There is no such run in this folder." }).waitFor();
    await page.locator("figure", { hasText: "config.json is damaged" }).waitFor();
    await page.locator(".uplot").first().waitFor();
    await page.getByRole("button", { name: "Leave out gone" }).click();
    await page.getByRole("heading", { name: "2 runs compared" }).waitFor();
    expect(new URL(page.url()).hash).toBe("#run=bad&with=good");
    await page.close();
  });
});

describeWith(NO_CHROMIUM, "pictures", () => {
  it("that are not kept are said to be, in the list and in the run", async () => {
    await makeRun(join(base, "pictures"), "a", sampleLine(0) + steps(1, 40) + sampleLine(40), 40);
    const page = await open(await serve("pictures"), "#run=a");
    await page.getByText("This picture was not kept").waitFor();
    await page.getByRole("button", { name: "not kept a" }).waitFor();
    expect(await page.locator("img:visible").count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.close();
  });
});

describeWith(NO_CHROMIUM, "a run that failed", () => {
  it("says so in the list, in its head, and in a band with the reason and what to do", async () => {
    const ended = {
      ...{ kind: "ended", how: "diverged", step: 41, time: 1 },
      message: "Training has diverged: discriminator/loss became NaN at step 41.",
      advice: "Lower optimizer.learningRate.",
    };
    await makeRun(join(base, "failed"), "a", `${steps(1, 40)}${JSON.stringify(ended)}\n`, 60);
    const page = await open(await serve("failed"), "#run=a");
    await page.getByRole("navigation", { name: "Runs" }).getByText("Failed at 41").waitFor();
    expect(await page.locator("header .status").textContent()).toMatch(/Failed\s+step 41 of 60/);
    const band = page.getByRole("region", { name: "How it ended" });
    expect(await band.textContent()).toMatch(/became NaN at step 41\.\s+Lower optimizer\.learningRate\./);
    expect(await band.locator("code").innerText()).toBe(
      "quarterturn train --run runs/a --new --set optimizer.learningRate=0.00002",
    );
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.close();
  });
});

describeWith(NO_CHROMIUM, "somebody who looks elsewhere", () => {
  it("is told when a training ends, if that was asked for", async () => {
    const dir = await makeRun(join(base, "told"), "live", steps(1, 40), 100);
    const lock = await lockFolder(dir);
    const page = await newPage();
    // What the system would show.
    await page.addInitScript({
      content: `globalThis.told = [];
        globalThis.Notification = class {
          static permission = "default";
          static requestPermission = async () => "granted";
          constructor(title, { body }) { told.push(title + "; " + body); }
        };`,
    });
    await page.goto(`${(await serve("told")).url}#run=live`);
    await page.getByRole("button", { name: "Tell me when it ends" }).click();
    await page.getByRole("button", { name: "Told when it ends", pressed: true }).waitFor();
    const message = "Stopped at step 40 of 100, and saved.";
    await append(
      dir,
      `${JSON.stringify({ kind: "ended", how: "stopped", step: 40, time: 1, message, advice: "" })}\n`,
    );
    await lock.release();
    const told = () => page.evaluate(() => (globalThis as unknown as { told: readonly string[] }).told);
    await expect.poll(async () => (await told()).length, { timeout: 60_000 }).toBe(1);
    expect(await told()).toEqual([`live: stopped; Step 40 of 100. ${message}`]);
    await page.close();
  });
});
