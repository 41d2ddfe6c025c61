/** The tour of the playground in a real Chromium, and the two runs side by side that it begins. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith } from "../support/needs.ts";
import { accessibilityProblems, findChromium, NO_CHROMIUM } from "./chromium.ts";
import { eventually, type Playground, startPlayground } from "./playground-support.ts";

describeWith(NO_CHROMIUM, "the tour of the playground", () => {
  let playground: Playground;
  beforeAll(async () => {
    playground = await startPlayground(findChromium()!);
  });
  afterAll(() => playground?.close());

  it("explains why the rotation task helps, in five steps, with both kinds of run side by side in the fourth", async () => {
    const { page, problems, foreign } = await playground.open(`${playground.isolated.address}#tour`);
    const tour = page.getByRole("complementary", { name: "Tour" });
    const next = tour.getByRole("button", { name: "Next" });
    await tour.getByRole("heading", { name: "Two networks play a game" }).waitFor();
    await next.click();
    await next.click();
    expect(await tour.getByRole("heading").evaluate((heading) => heading === document.activeElement)).toBe(
      true,
    );
    await tour.getByRole("button", { name: "90°", exact: true }).click();
    await tour.getByText("Right: it is a giraffe.").waitFor();
    await tour.getByRole("button", { name: "Another picture" }).click();
    await tour.getByRole("button", { name: "0°", exact: true }).click();
    await tour.getByText("It was 180°: it is a locomotive.").waitFor();
    await next.click();
    await next.click();
    await tour.getByRole("heading", { name: "What to look at" }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await tour.waitFor({ state: "detached" });

    // Both have begun, from the same weights: the first grids are the same images.
    const sides = ["With the rotation task", "Without it"].map((name) => page.getByRole("region", { name }));
    for (const side of sides) await side.getByRole("img", { name: /^64 samples at step/ }).waitFor();
    await page.getByRole("slider", { name: /^Through time/ }).fill("0");
    const pixels = await Promise.all(
      sides.map((side) =>
        side.getByRole("img", { name: "64 samples at step 0" }).evaluate(async (image) => {
          const blob = await (await fetch((image as HTMLImageElement).src)).arrayBuffer();
          return [...new Uint8Array(blob)].join();
        }),
      ),
    );
    expect(pixels[1]).toBe(pixels[0]);
    // One answers the question, the other has none to answer; grids come by the clock.
    await sides[0]!.locator(".bars").nth(3).waitFor();
    expect(await sides[1]!.locator(".bars").count()).toBe(0);
    for (const side of sides)
      await eventually(async () => Number(await side.locator(".step").textContent())).toBeGreaterThan(0);
    await page.getByRole("button", { name: "Pause both" }).click();
    await page.getByRole("button", { name: "Resume both" }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole("button", { name: "Only the one with rotation" }).click();
    await page.locator(".state[data-phase=paused]").waitFor();
    expect(problems).toEqual([]);
    expect(foreign).toEqual([]);
    await page.context().close();
  });
});
