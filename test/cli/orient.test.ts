/**
 * `orient` and `data inspect --run` from the command line: a head that has learned that pictures
 * are bright above, and pictures that lie.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

/** Clockwise, as sharp turns: 90 makes a picture that is turned counterclockwise by 270°. */
const LYING = { "lies/a.png": 90, "lies/b.jpg": 180, "lies/c.webp": 270 } as const;

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
  await makePictures(workspace.path("mixed"), 20, 2);
  await makePictures(workspace.path("mixed", "lies"), 3, 3);
  for (const [i, [name, angle]] of Object.entries(LYING).entries()) {
    const upright = sharp(workspace.path("mixed", "lies", `00${i}.png`)).rotate(angle);
    await upright.toFile(workspace.path("mixed", name));
  }
  const { code, stderr } = await workspace.run(
    ...["train", "pictures", ...TINY, "--run", "run", "--steps", "150"],
    ...["--set", "optimizer.learningRate=0.002"],
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

const json = async (...args: string[]) => {
  const { code, stdout } = await workspace.run(...args, "--json");
  expect(code).toBe(0);
  return JSON.parse(stdout);
};

/** Is the upper half the brighter one? */
async function isUpright(path: string): Promise<boolean> {
  const bytes = await sharp(path).autoOrient().grayscale().resize(2, 2, { fit: "fill" }).raw().toBuffer();
  return bytes[0]! + bytes[1]! > bytes[2]! + bytes[3]!;
}

describe("a trained head", () => {
  it("measures itself on upright images: nearly all right, as there is nothing to learn but bright and dark", async () => {
    const measured = await json("orient", "pictures", "--run", "run", "--evaluate", "--split", "all");
    expect(measured).toMatchObject({ images: 64, step: 150 });
    expect(measured.accuracy).toBeGreaterThan(0.95);
    expect(measured.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(4 * 64);
    const { stdout } = await workspace.run(
      "orient",
      "pictures",
      "--run",
      "run",
      "--evaluate",
      "--split",
      "all",
    );
    expect(stdout).toMatch(/64 images of pictures \(all\), taken for upright/);
    expect(stdout).toMatch(/confidence from +recall +false alarms/);
  });

  it("finds those that lie, by how much, and writes copies turned upright elsewhere", async () => {
    const before = readFileSync(workspace.path("mixed", "lies", "b.jpg"));
    const found = await json(
      ...["orient", "mixed", "--run", "run", "--threshold", "0.6", "--out", "upright", "--list", "all.csv"],
    );
    const turned = found.results.filter(({ verdict }: { verdict: string }) => verdict === "turned");
    expect(
      Object.fromEntries(turned.map(({ path, turn }: { path: string; turn: number }) => [path, turn])),
    ).toEqual({
      "lies/a.png": 270,
      "lies/b.jpg": 180,
      "lies/c.webp": 90,
    });
    expect(found).toMatchObject({ images: 26, turned: 3, threshold: 0.6 });
    const copies = readdirSync(workspace.path("upright"), { recursive: true, encoding: "utf8" });
    expect(copies.filter((name) => /\.\w+$/.test(name))).toHaveLength(26);
    expect(await isUpright(workspace.path("mixed", "lies", "b.jpg"))).toBe(false);
    for (const name of Object.keys(LYING))
      expect(await isUpright(workspace.path("upright", name))).toBe(true);
    expect(readFileSync(workspace.path("mixed", "lies", "b.jpg")).equals(before)).toBe(true);
    expect(
      readFileSync(workspace.path("upright", "000.png")).equals(
        readFileSync(workspace.path("mixed", "000.png")),
      ),
    ).toBe(true);
    const list = readFileSync(workspace.path("all.csv"), "utf8").trim().split("\n");
    expect(list[0]).toBe("path,turn,confidence,agreement,verdict,exifOrientation,copy");
    expect(list).toHaveLength(27);
    // What was written looks upright to the same head.
    const again = await json("orient", "upright", "--run", "run", "--threshold", "0.6");
    expect(again.turned).toBe(0);
  });

  it("keeps depth and pages or leaves the image, and goes on where one copy cannot be made", async () => {
    const lying = sharp(workspace.path("mixed", "lies", "a.png"));
    const long = "n".repeat(251);
    mkdirSync(workspace.path("scans"));
    await lying.clone().toColorspace("rgb16").png().toFile(workspace.path("scans", "deep.png"));
    const page = await lying.clone().png().toBuffer();
    await sharp([page, page], { join: { animated: true } })
      .tiff()
      .toFile(workspace.path("scans", "pages.tif"));
    writeFileSync(workspace.path("scans", `${long}.png`), page);
    // Its copy would be called .gif.png.
    await lying
      .clone()
      .gif()
      .toFile(workspace.path("scans", `${long}.gif`));
    const { code, stdout, stderr } = await workspace.run(
      ...["orient", "scans", "--run", "run", "--threshold", "0.6", "--out", "turned-scans", "--json"],
    );
    const { left, failed } = JSON.parse(stdout);
    expect(left).toEqual([{ path: "pages.tif", reason: expect.stringMatching(/2 pages or frames/) }]);
    expect(failed).toEqual([{ path: `${long}.gif`, reason: "the name of its copy would be too long" }]);
    expect(stderr).toMatch(/1 rotated image was copied without turning: .*\(pages\.tif\)/);
    expect(stderr).toMatch(/1 image has no copy: the name of its copy would be too long/);
    expect(code).toBe(2);
    expect(readdirSync(workspace.path("turned-scans")).sort()).toEqual(
      ["deep.png", `${long}.png`, "pages.tif"].sort(),
    );
    const copy = await sharp(workspace.path("turned-scans", "deep.png")).metadata();
    expect(copy).toMatchObject({ depth: "ushort", space: "rgb16" });
    expect(await isUpright(workspace.path("turned-scans", "deep.png"))).toBe(true);
    expect(readFileSync(workspace.path("turned-scans", "pages.tif"))).toEqual(
      readFileSync(workspace.path("scans", "pages.tif")),
    );
  });

  it("says it to people, the surest first", async () => {
    const { stdout } = await workspace.run("orient", "mixed", "--run", "run", "--threshold", "0.6");
    expect(stdout).toMatch(/lies\/b\.jpg +180° counterclockwise +\d/);
    expect(stdout).toMatch(/mixed: look rotated: 3 \(11\.5%\) \(counterclockwise: 90° 1, 180° 1, 270° 1\)/);
  });

  it("is part of the inspection of data", async () => {
    const { findings, warnings } = await json(
      "data",
      "inspect",
      "pictures",
      "--run",
      "run",
      "--split",
      "all",
    );
    expect(findings.turned).toMatchObject({ images: 64, turned: 0 });
    expect(warnings.join()).not.toMatch(/look rotated/);
  });

  it.each([
    [["orient", "mixed"], /needs a run[\s\S]*--run/],
    [["orient", "mixed", "--run", "nothing"], /not a run folder/],
    [["orient", "mixed", "--run", "run", "--out", "mixed/upright"], /inside the folder of the originals/],
    [["orient", "mixed", "--run", "run", "--out", "pictures"], /pictures is not empty/],
    [["orient", "mixed", "--run", "run", "--list", "all.txt"], /CSV or JSON/],
    [["orient", "emoji", "--run", "run", "--out", "new"], /of a folder of images as a whole, not of emoji/],
    [["orient", "mixed", "--run", "run", "--turned-only"], /without --out/],
    [["orient", "mixed", "--run", "run", "--threshold", "7"], /≤ 1/],
    [["data", "inspect", "mixed", "--run", "run", "--resolution", "32"], /16×16, not of 32×32/],
  ])("%j is refused in plain words", async (args, message) => {
    const { code, stderr } = await workspace.run(...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(join(workspace.folder, "new"))).toBe(false);
  });
});

it("a run without a rotation head is refused", async () => {
  const { code } = await workspace.run(
    ...["train", "pictures", ...TINY.filter((word, i) => !/rotatedBatch/.test(`${TINY[i + 1]}${word}`))],
    ...["--run", "plain", "--steps", "1", "--set", "objective.selfSupervision=none"],
  );
  expect(code).toBe(0);
  const { stderr } = await workspace.run("orient", "mixed", "--run", "plain");
  expect(stderr).toMatch(/no rotation head/);
});
