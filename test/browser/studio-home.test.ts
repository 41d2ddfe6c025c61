/**
 * The home of the studio in a real browser: many runs in a table, asked for, sorted, marked,
 * deleted; and as a sweep.
 */
import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import type { Studio } from "../../src/studio/server/server.ts";
import { evaluationLine, makeRun, steps } from "../../src/studio/testing/records.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, complaintsOf, findChromium, NO_CHROMIUM } from "./chromium.ts";
import { servedRuns } from "./served-runs.ts";

const executable = findChromium();
const ALPHAS = [0.1, 0.2, 0.5, 1];
/** Compressed bytes that the page may take before the first picture. */
const BUDGET = 200_000;
const { base, serve, newPage } = servedRuns("studio-home");
const root = join(base, "runs");
let studio: Studio;
const idOf = (i: number): string => `sweep/net-objective.alpha=${ALPHAS[i % 4]}-seed=${Math.floor(i / 4)}`;

beforeAll(async () => {
  if (!executable) return;
  const record = steps(1, 5);
  for (let i = 0; i < 200; i++) {
    const fid = 20 + 10 * (i % 4) + Math.floor(i / 4) / 100;
    const dir = await makeRun(root, idOf(i), i < 100 ? record + evaluationLine(5, fid) : record, 5);
    const config = JSON.parse(await readFile(join(dir, "config.json"), "utf8"));
    config.objective.alpha = ALPHAS[i % 4];
    config.training.seed = Math.floor(i / 4);
    await writeFile(join(dir, "config.json"), JSON.stringify(config));
  }
  studio = await serve("runs");
});

/** Count what a page that is to be opened takes. @returns how many bytes came so far, compressed */
async function countBytes(page: Page): Promise<() => Promise<number>> {
  let bytes = 0;
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  network.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  return async () => {
    await network.detach();
    expect(bytes).toBeGreaterThan(20_000);
    return bytes;
  };
}

const until = async (test: () => Promise<boolean>) => {
  while (!(await test())) await new Promise((next) => setTimeout(next, 20));
};
const hashOf = (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1));
const names = (page: Page) =>
  page.locator("tr.run .open").evaluateAll((all) => all.map((one) => one.getAttribute("title")));

describeWith(executable ? undefined : NO_CHROMIUM, "the table of runs", () => {
  it("is what the page opens with; it is asked for, sorted and scrolled through, and the address holds that", async () => {
    const page = await newPage({ viewport: { width: 1280, height: 900 } });
    const complaints = complaintsOf(page, studio.url);
    const taken = await countBytes(page);
    await page.goto(studio.url);
    await page.getByText("200 runs", { exact: true }).waitFor();
    expect(await taken()).toBeLessThan(BUDGET);
    // Only what is on view is in the page.
    await page.locator("tr.run").first().waitFor();
    expect(await page.locator("tr.run").count()).toBeLessThan(60);
    await page.getByRole("region", { name: "Table of runs" }).evaluate((table) => table.scrollTo(0, 1e6));
    await until(async () => (await page.locator('tr[aria-rowindex="201"]').count()) === 1);

    await page.getByRole("button", { name: "FID" }).click();
    await until(async () => (await names(page))[0] === idOf(0));
    await page.getByRole("button", { name: "FID" }).click();
    await until(async () => (await names(page))[0] === idOf(99));
    expect(hashOf(page).get("sort")).toBe("-fid");
    expect(await page.locator('th[aria-sort="descending"]').innerText()).toMatch(/^FID/);

    const query = page.getByRole("combobox", { name: "Query" });
    await query.pressSequentially("al");
    await page.getByRole("option", { name: "alpha" }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await query.inputValue()).toBe("alpha<");
    await query.pressSequentially("0.5 seed=7");
    await page.getByText("2 of 200 runs").waitFor();
    expect((await names(page)).sort()).toEqual([idOf(28), idOf(29)]);
    expect(hashOf(page).get("q")).toBe("alpha<0.5 seed=7");
    await page.reload();
    await page.getByText("2 of 200 runs").waitFor();
    expect(complaints).toEqual([]);

    await page.getByRole("checkbox", { name: "Choose all" }).check();
    await page.getByRole("button", { name: "Tag…" }).click();
    await page.getByLabel("New tag").fill("good one");
    await page.getByRole("button", { name: "Add" }).click();
    await page.locator(".tag", { hasText: "good one" }).nth(1).waitFor();
    expect(JSON.parse(readFileSync(join(root, idOf(28), "marks.json"), "utf8")).tags).toEqual(["good one"]);
    await page.getByRole("button", { name: "Archive", exact: true }).click();
    await page.getByText("0 of 200 runs").waitFor();
    await page.getByRole("checkbox", { name: "Archived (2)" }).check();
    await page.getByText("2 of 200 runs").waitFor();
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("dialog").getByText(idOf(29)).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("0 of 198 runs").waitFor();
    expect(existsSync(join(root, idOf(28)))).toBe(false);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("2 of 200 runs").waitFor();
    expect(existsSync(join(root, idOf(28), "config.json"))).toBe(true);
    await page.close();
  });

  it("is left for a run of 20,000 steps with all its curves, which takes no more", async () => {
    await makeRun(join(base, "long"), "long", steps(1, 20_000), 20_000);
    const page = await newPage({ viewport: { width: 1280, height: 900 } });
    const taken = await countBytes(page);
    await page.goto(`${(await serve("long")).url}#run=long`);
    await page.getByRole("img", { name: /^Losses: / }).waitFor();
    expect(await taken()).toBeLessThan(BUDGET);
    await page.close();
  });
});
