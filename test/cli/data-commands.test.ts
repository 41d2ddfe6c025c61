/** `data inspect`, `data preview` and `data prepare` through the real command line. */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePictures, ordinaryUser, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());
beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 70);
  copyFileSync(workspace.path("pictures", "003.png"), workspace.path("pictures", "copy.png"));
  writeFileSync(workspace.path("pictures", "broken.png"), "not an image");
});

/** Run, expecting no error. @returns the JSON document */
async function document(...args: string[]) {
  const { code, stdout, stderr } = await workspace.run("data", ...args, "--json");
  expect({ code, stderr: /error:/.test(stderr) ? stderr : "" }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

describe("data inspect", () => {
  it("says what there is, and what is odd about it", async () => {
    const { code, stdout } = await workspace.run("data", "inspect", "pictures", "--resolution", "16");
    expect(stdout).toMatch(/look rotated.*--run RUN/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/71 of 72 images of pictures \(train part\) can be used; looked at as 16×16/);
    expect(stdout).toMatch(/sizes +20 wide, 20 high/);
    expect(stdout).toMatch(/duplicates +copies, pixel for pixel: 1 \(003.png = copy.png\)/);
    expect(stdout).toMatch(/skipped +1: not an image, whatever its name says \(broken.png\)/);
  });

  it("says the same to programs", async () => {
    const found = await document("inspect", "pictures", "--resolution", "16");
    expect(found).toMatchObject({ name: "pictures", found: 72, used: 71, resolution: 16, split: "train" });
    expect(found.skipped).toEqual([{ path: "broken.png", reason: expect.stringContaining("not an image") }]);
    expect(found.findings.duplicates.exact).toEqual({ images: 1, groups: [["003.png", "copy.png"]] });
    expect(found.findings.orientation).toEqual({ noted: 0, turned: { count: 0, files: [] } });
    expect(readdirSync(workspace.path())).not.toContain("cache");
  });

  it.each([
    [["inspect", "nowhere"], /There is no folder .*nowhere/],
    [["inspect", "cifar11:x"], /Did you mean "cifar10"/],
    [["inspect", "pictures", "--split", "tset"], /Unknown split "tset"\.\nDid you mean "test"/],
    [["inspect", "pictures", "--preprocessing", "celeba"], /Unknown preprocessing "celeba"/],
    [["inspect", "pictures", "--resize", "lanczos"], /Unknown resize "lanczos"\.\nDid you mean "lanczos3"/],
    [["inspect", "pictures", "--split", "unlabelled"], /has no part of its own without labels/],
    [["inspect", "pictures", "--resolution", "7"], /--resolution expects a whole number ≥ 8/],
    [["inspect", "pictures", "--out", "x"], /data inspect takes no --out/],
  ])("%j: a message and code 2", async (args, message) => {
    const { code, stderr } = await workspace.run("data", ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe("data preview", () => {
  it("draws a grid of images, and some of them in all four turns", async () => {
    const args = [
      "preview",
      "pictures",
      "--resolution",
      "16",
      "--count",
      "20",
      "--turned",
      "3",
      "--out",
      "look.png",
    ];
    const drawn = await document(...args);
    expect(drawn).toMatchObject({
      file: workspace.path("look.png"),
      images: 71,
      resolution: 16,
      count: 20,
      turned: 3,
    });
    const { data, info } = await sharp(workspace.path("look.png"))
      .raw()
      .toBuffer({ resolveWithObject: true });
    // Three rows of eight, a gap, two rows of two images in four turns; 16 pixels and 2 between, all four times as large.
    const [across, above, below] = [8 * 18 - 2, 3 * 18 - 2, 2 * 18 - 2];
    expect([info.width, info.height]).toEqual([4 * across, 4 * (above + 8 + below)]);
    // The pictures have a bright upper half: upright it is above, after a quarter turn counterclockwise on the left.
    const brightness = (column: number, x: number, y: number): number => {
      const at = (4 * (above + 8 + y) * info.width + 4 * (column * 18 + x)) * 3;
      return data[at]! + data[at + 1]! + data[at + 2]!;
    };
    const [near, far, middle] = [2, 13, 8];
    expect(brightness(0, middle, near)).toBeGreaterThan(brightness(0, middle, far));
    expect(brightness(1, near, middle)).toBeGreaterThan(brightness(1, far, middle));
    expect(brightness(2, middle, far)).toBeGreaterThan(brightness(2, middle, near));
    expect(brightness(3, far, middle)).toBeGreaterThan(brightness(3, near, middle));
  });

  it("draws other images for another seed, and the same for the same", async () => {
    const draw = async (seed: string): Promise<Buffer> => {
      await document(
        "preview",
        "pictures",
        "--count",
        "4",
        "--turned",
        "0",
        "--seed",
        seed,
        "--out",
        `${seed}.png`,
      );
      return readFileSync(workspace.path(`${seed}.png`));
    };
    const first = await draw("1");
    expect(await draw("1")).toEqual(first);
    expect(await draw("2")).not.toEqual(first);
  });

  it("a place that is not there: said in words", async () => {
    const { code, stderr } = await workspace.run("data", "preview", "pictures", "--out", "no/such/look.png");
    expect(stderr).toMatch(/^error: .*look.png could not be written: its folder is not there/m);
    expect(code).toBe(2);
  });
});

describe("data prepare", () => {
  it("packs once, and says where", async () => {
    const first = await document("prepare", "pictures", "--resolution", "24");
    expect(first).toMatchObject({ used: 71, resolution: 24, fromCache: false });
    expect(first.file).toContain(workspace.path("cache", "data"));
    expect(first.bytes).toBe(readFileSync(first.file).length);
    const { stdout } = await workspace.run("data", "prepare", "pictures", "--resolution", "24");
    expect(stdout).toMatch(
      /71 images of pictures \(train part\) at 24×24, 1 skipped .*: were packed already\n.*\.pack \(\d+ kB\)/,
    );
  });

  it("packs anew what another version of the program has packed", async () => {
    const before = await document("prepare", "pictures", "--resolution", "16");
    const bytes = readFileSync(before.file);
    bytes.write("QTPACK01", "latin1");
    writeFileSync(before.file, bytes);
    const after = await document("prepare", "pictures", "--resolution", "16");
    expect(after).toMatchObject({ file: before.file, hash: before.hash, fromCache: false });
  });

  it("a full disk: said in words, nothing left behind", async () => {
    const args = ["data", "prepare", "pictures", "--resolution", "64"];
    const { code, stderr } = await workspace.runWithFileLimit(500, ...args);
    expect(stderr).toMatch(/^error: .*full|larger than is allowed/m);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
    expect(readdirSync(workspace.path("cache", "data")).filter((name) => name.includes("-64-"))).toEqual([]);
  });

  const user = ordinaryUser();
  it.runIf(user)("a cache that may not be written to: said in words", async () => {
    const other = new Workspace(user);
    try {
      await makePictures(other.path("pictures"), 65);
      mkdirSync(other.path("cache"));
      other.handOver();
      chmodSync(other.path("cache"), 0o555);
      const { code, stderr } = await other.run("data", "prepare", "pictures");
      expect(stderr).toMatch(
        /^error: The packed images cannot be kept in .*cache.* \(EACCES\)\.\n.*QUARTERTURN_CACHE/m,
      );
      expect(code).toBe(2);
      chmodSync(other.path("cache"), 0o755);
    } finally {
      other.remove();
    }
  });
});
