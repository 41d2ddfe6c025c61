/**
 * From a run to the table and to the sweep, and back: what is written on a run, means over seeds,
 * how both look in light, dark and on a phone.
 */
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import type { Studio } from "../../src/studio/server/server.ts";
import { evaluationLine, makeRun, steps } from "../../src/studio/testing/records.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, complaintsOf, NO_CHROMIUM } from "./chromium.ts";
import { servedRuns } from "./served-runs.ts";

const { base, serve, open } = servedRuns("studio-sweep");
const ALPHAS = [0.1, 0.5, 1];

describeWith(NO_CHROMIUM, "runs of a sweep", () => {
  let studio: Studio;
  beforeAll(async () => {
    for (const [i, alpha] of ALPHAS.entries())
      for (const seed of [1, 2]) {
        const record = steps(1, 5) + evaluationLine(5, 30 - 10 * i + seed);
        const dir = await makeRun(join(base, "runs"), `run-${alpha}-${seed}`, record, 5);
        const path = join(dir, "config.json");
        const config = JSON.parse(await readFile(path, "utf8"));
        config.objective.alpha = alpha;
        config.training.seed = seed;
        await writeFile(path, JSON.stringify(config));
      }
    studio = await serve("runs");
  });

  it("have notes and tags that lead to others; their means over seeds are in a table, the best first", async () => {
    const page = await open(studio, "#run=run-0.5-1");
    const complaints = complaintsOf(page, studio.url);
    await page.getByRole("button", { name: "Add a note or tags" }).click();
    await page.getByRole("textbox", { name: /^Note/ }).fill("blurred at first");
    await page.getByRole("textbox", { name: /^Tags/ }).fill("keep, second look");
    await page.getByRole("button", { name: "Keep", exact: true }).click();
    await page.getByText("blurred at first").waitFor();
    expect(readFileSync(join(base, "runs", "run-0.5-1", "note.md"), "utf8")).toBe("blurred at first");
    await page.getByRole("button", { name: "second look", exact: true }).click();
    await page.getByText("1 of 6 runs").waitFor();
    expect(page.url()).toContain("second+look");
    await page.getByRole("combobox", { name: "Query" }).fill("");
    await page.getByText("6 runs", { exact: true }).waitFor();

    await page.getByRole("button", { name: "Sweep", exact: true }).click();
    const means = page.getByRole("region", { name: "Table of means" }).locator("tbody tr");
    await means.nth(2).waitFor();
    // Of FIDs 11 and 12, 21 and 22, 31 and 32: the lowest mean first, and its best run.
    expect(
      await means.evaluateAll((rows) => rows.map((row) => (row as HTMLElement).innerText.split("\t"))),
    ).toEqual([
      ["1", "2", "11.500 ± 0.707", "run-1-1"],
      ["0.5", "2", "21.500 ± 0.707", "run-0.5-1"],
      ["0.1", "2", "31.500 ± 0.707", "run-0.1-1"],
    ]);
    await page.getByRole("button", { name: "run-1-1" }).click();
    await page.locator("h1", { hasText: "run-1-1" }).waitFor();
    await page.goBack();
    await means.nth(2).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each([
    { width: 1280, height: 900 },
    { width: 390, height: 800 },
  ])("are accessible as a table and as a sweep, and fit the screen: %j", async (viewport) => {
    for (const tab of ["", "#tab=sweep"]) {
      const page = await open(studio, tab, { viewport });
      await page
        .locator(tab === "" ? "tr.run" : "polyline")
        .first()
        .waitFor();
      expect(await accessibilityProblems(page), tab).toEqual([]);
      const [wide, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(wide, `${tab}: wider than the screen`).toBeLessThanOrEqual(width!);
      await page.close();
    }
  });
});
