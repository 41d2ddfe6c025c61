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
      width: 34,
    });
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
