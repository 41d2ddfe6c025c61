/** The studio's page as one file, in a real browser: opened from the disk, without a network. */
import { cpSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makePictures, Workspace } from "../cli/support.ts";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, findChromium, NO_CHROMIUM } from "./chromium.ts";
import { oneBrowser } from "./one-browser.ts";
import { trainArguments } from "./studio-support.ts";

const workspace = new Workspace();
beforeAll(async () => {
  if (findChromium()) await makePictures(workspace.path("pictures"), 64);
});
afterAll(() => workspace.remove());
const browser = oneBrowser();

describeWith(NO_CHROMIUM, "the studio's page, saved", () => {
  beforeAll(async () => {
    const train = trainArguments("rotation", 20, "--no-studio");
    expect(await workspace.run(...train)).toMatchObject({ code: 0, stderr: "" });
    cpSync(workspace.path("runs", "rotation"), workspace.path("runs", "again"), { recursive: true });
  });

  it("shows runs as they were, asks nobody, and changes nothing", async () => {
    expect(await workspace.run("studio", "--snapshot", "all.html", "--grids", "3")).toMatchObject({
      ...{ code: 0, stderr: "", stdout: expect.stringMatching(/all\.html \(2 runs, [\d.]+ .B\)/) },
    });
    const page = await browser.newPage({ offline: true });
    const [asked, failures]: [string[], string[]] = [[], []];
    page.on("request", (request) => asked.push(new URL(request.url()).protocol));
    page.on("pageerror", (error) => failures.push(error.message));
    page.on("console", (message) => failures.push(message.text()));
    await page.goto(pathToFileURL(workspace.path("all.html")).href);
    await page.getByText(/^Saved on .+: everything on this page is as it was then\.$/).waitFor();
    // What only a server can do is not offered.
    await page.getByRole("checkbox", { name: /again/ }).check();
    const actions = page.getByRole("group", { name: "With the chosen runs" }).getByRole("button");
    expect(await actions.allInnerTexts()).toEqual(["Compare", "Choose none"]);
    await page
      .getByRole("button", { name: /^rotation/ })
      .first()
      .click();
    // Three grids; numbers of all five.
    const slider = page.getByRole("slider", { name: "Training time" });
    expect(await slider.getAttribute("max")).toBe("2");
    await page.locator(".turns .bars").nth(3).waitFor();
    for (const title of ["Memory", "Losses", "Rotation accuracy", "Speed"])
      await page.getByRole("img", { name: new RegExp(`^${title}: `) }).waitFor();
    await page.getByRole("button", { name: "Look inside" }).click();
    await page.getByRole("button", { name: "UMAP" }).click();
    await page.getByText("so that images with like features lie beside one another").waitFor();
    await page.getByRole("img", { name: /^Gradient norm by layer: .*block1/ }).waitFor();
    await page.locator(".weights svg").first().waitFor();
    for (const name of ["Pause", "Add a note or tags", "Choose a picture…"])
      expect(await page.getByText(name, { exact: true }).count(), name).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect([failures, asked.filter((protocol) => !/^(file|blob|data):$/.test(protocol))]).toEqual([[], []]);
    await page.close();
  });
});
