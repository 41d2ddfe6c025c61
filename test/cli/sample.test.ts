/** `sample` on the command line. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePictures, train, Workspace } from "./support.ts";

const workspace = new Workspace();
beforeAll(() => makePictures(workspace.path("pictures"), 64));
afterAll(() => workspace.remove());

describe("sample", () => {
  beforeAll(() =>
    workspace.run(
      ...train("s", "--steps", "2", "--set", "training.checkpointEvery=1", "--set", "training.emaStart=0"),
    ),
  );
  const sample = async (...args: string[]): Promise<{ files: string[]; step: number; weights: string }> => {
    const { stdout, stderr, code } = await workspace.run("sample", "s", ...args, "--json");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };
  const pixels = (file: string | undefined) => sharp(file).raw().toBuffer();

  it("makes the same grid for the same seed, another for another seed, step or weights", async () => {
    const { files, ...rest } = await sample();
    expect(rest).toMatchObject({ step: 2, weights: "averaged" });
    expect(files[0]).toBe(workspace.path("s", "samples", "grid-seed0-step2.png"));
    const first = await pixels(files[0]);
    expect(first.equals(await pixels((await sample("--out", "again.png")).files[0]))).toBe(true);
    for (const other of [["--seed", "1"], ["--step", "1"], ["--no-ema"], ["--truncation", "0.1"]])
      expect(first.equals(await pixels((await sample(...other)).files[0])), other.join(" ")).toBe(false);
  });

  it("makes single files and walks", async () => {
    const { files } = await sample("--files", "--count", "5", "--out", "singles");
    expect(readdirSync(workspace.path("singles"))).toHaveLength(5);
    expect(await sharp(files[4]).metadata()).toMatchObject({ format: "png", width: 16, height: 16 });

    const walk = await sample("--interpolate", "--count", "4", "--frames", "8", "--files");
    expect(walk.files).toHaveLength(9);
    expect(await sharp(walk.files[0], { animated: true }).metadata()).toMatchObject({
      format: "gif",
      pages: 8,
      width: 34 * 15,
    });
    expect(await sharp(walk.files[1]).metadata()).toMatchObject({ width: 34, height: 34 });
  });

  it("enlarges grids by whole numbers, so that they can be looked at", async () => {
    // Eight by eight images of 16 pixels with gaps of two are 142 pixels wide.
    expect(await sharp((await sample()).files[0]).metadata()).toMatchObject({ width: 142 * 7 });
    const exact = (await sample("--scale", "1", "--out", "exact.png")).files[0];
    const twice = (await sample("--scale", "2", "--out", "twice.png")).files[0];
    expect(await sharp(exact).metadata()).toMatchObject({ width: 142, height: 142 });
    expect(
      (await sharp(twice).resize(142, 142, { kernel: "nearest" }).raw().toBuffer()).equals(
        await pixels(exact),
      ),
    ).toBe(true);
    const { code, stderr } = await workspace.run("sample", "s", "--count", "1024", "--scale", "64");
    expect(stderr).toMatch(/would make a picture of/);
    expect(code).toBe(2);
  });

  it("makes a film of the training, and no images for it", async () => {
    const { stdout, code } = await workspace.run("sample", "s", "--film", "--json");
    expect(code).toBe(0);
    const { files, steps } = JSON.parse(stdout);
    expect(steps.length).toBeGreaterThan(1);
    const film = await sharp(files[0], { animated: true }).metadata();
    expect(film).toMatchObject({ format: "gif", pages: steps.length, delay: expect.arrayContaining([2500]) });
    const refused = await workspace.run("sample", "s", "--film", "--count", "3");
    expect(refused.stderr).toMatch(/--count would change nothing/);
    expect(refused.code).toBe(2);
  });

  it.each([
    ["--out", "file/grid.png"],
    ["--out", "file", "--files"],
  ])("says that a file is in the way of %s %s", async (...args) => {
    writeFileSync(workspace.path("file"), "mine");
    const { code, stderr } = await workspace.run("sample", "s", ...args);
    expect(stderr).toMatch(/^error: .*file.*(in the way|not a folder)/);
    expect(code).toBe(2);
    expect(readFileSync(workspace.path("file"), "utf8")).toBe("mine");
  });

  it("needs no data set", async () => {
    const away = workspace.path("away");
    renameSync(workspace.path("pictures"), away);
    rmSync(workspace.path("cache"), { recursive: true });
    try {
      expect((await sample("--seed", "9")).files).toHaveLength(1);
    } finally {
      renameSync(away, workspace.path("pictures"));
    }
  });

  it("names the checkpoints there are", async () => {
    const { code, stderr } = await workspace.run("sample", "s", "--step", "7");
    expect(code).toBe(2);
    expect(stderr).toMatch(/no checkpoint of step 7[\s\S]*step 2, 1/);
  });
});
