/**
 * A training started from the page in a real browser: a folder is chosen, a dry run is looked at,
 * and the run is in the table.
 */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { beforeAll, expect, it } from "vitest";
import type { Studio } from "../../src/studio/server/server.ts";
import { makeRun, steps } from "../../src/studio/testing/records.ts";
import { makePictures } from "../cli/support.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, findChromium, NO_CHROMIUM } from "./chromium.ts";
import { servedRuns } from "./served-runs.ts";

const executable = findChromium();
const root = resolve(import.meta.dirname, "../..");
const { base, serve, openHeard } = servedRuns("studio-launch");
let studio: Studio;
const stopping: string[] = [];

beforeAll(async () => {
  if (!executable) return;
  await makeRun(join(base, "runs"), "before", steps(1, 5), 5);
  await makePictures(join(base, "images", "pets", "cats"), 70);
  studio = await serve("runs", {
    launch: {
      images: join(base, "images"),
      command: [process.execPath, join(root, "bin/quarterturn.js")],
      onStopping: (run) => stopping.push(run),
    },
  });
});

describeWith(executable ? undefined : NO_CHROMIUM, "a new run", () => {
  it("is chosen, tried, started by clicking, stands in the table, and saves and ends with the studio", async () => {
    const { page, complaints } = await openHeard(studio.url, { viewport: { width: 1200, height: 1100 } });
    await page.getByRole("button", { name: "New run" }).click();
    const dialog = page.getByRole("dialog", { name: "New run" });

    await dialog.getByLabel("A folder in images").check();
    await dialog.getByRole("button", { name: "pets" }).click();
    await dialog.getByRole("button", { name: "cats" }).click();
    await dialog.getByText("70 images in it").waitFor();
    await dialog.getByLabel("Side of the images").fill("16");
    await dialog.getByRole("radio", { name: "Steps" }).check();
    const length = dialog.getByRole("spinbutton", { name: "Steps" });
    await length.fill("100000");
    await dialog.getByRole("textbox", { name: "Name" }).fill("clicked");
    expect(await accessibilityProblems(page)).toEqual([]);
    const start = dialog.getByRole("button", { name: "Start training" });
    expect(await start.count()).toBe(0);

    await dialog.getByRole("button", { name: "Dry run" }).click();
    await dialog.getByText("The dry run went well.").waitFor();
    const said = (await dialog.getByLabel("What it printed").textContent()) ?? "";
    expect(said).toContain("data.resolution");
    expect(said).toMatch(/run folder +.*clicked \(new\)/);
    // What was looked at is what is started: after a change there is nothing to start.
    await length.fill("99999");
    await dialog.getByText("The form has been changed since").waitFor();
    expect(await start.count()).toBe(0);
    await length.fill("100000");

    await start.click();
    await dialog.getByText("Training for 100,000 steps").waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
    await page.getByTitle("All runs (h)").click();
    await page.locator('tr.run .open[title="clicked"]').waitFor();
    await page.getByText("clicked is being trained").waitFor();
    const folder = join(base, "runs", "clicked");
    const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
    expect(config).toMatchObject({ data: { resolution: 16 }, training: { steps: 100_000 } });
    expect(config.data.source).toBe(join(base, "images", "pets", "cats"));
    expect([stopping, complaints]).toEqual([[], []]);

    await studio.close();
    expect(stopping).toEqual(["clicked"]);
    const record = await readFile(join(folder, "metrics.jsonl"), "utf8");
    expect(JSON.parse(record.trimEnd().split("\n").at(-1)!)).toMatchObject({ kind: "ended" });
    await page.close();
  });
});
