/** What people point `train` at: wrong places, and folders with good and bad files mixed. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { zipOf } from "../../src/data/testing/archives.node.ts";
import { makePictures, TINY, TINY_MEASURED, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

/**
 * A whole PNG of 30,000 × 30,000 black pixels, one bit each: small on the disk, 2.7 GB when
 * decoded.
 */
function hugePng(): Buffer {
  const side = 30_000;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1; // bits a pixel; the rest are zeros: grayscale, deflate, no interlacing
  const rows = deflateSync(Buffer.alloc((1 + side / 8) * side), { level: 1 });
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", rows),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

describe("a place without images", () => {
  it.each<[string, () => void, RegExp]>([
    ["missing", () => undefined, /There is no folder .*place/],
    ["a file", () => writeFileSync(workspace.path("place"), "hello"), /is a file, not a folder/],
    ["empty", () => mkdirSync(workspace.path("place")), /place is empty/],
    [
      "text named .png",
      () => {
        mkdirSync(workspace.path("place"));
        for (let i = 0; i < 70; i++) writeFileSync(workspace.path("place", `${i}.png`), `not an image ${i}`);
      },
      /no usable image[\s\S]*70 skipped/,
    ],
    ["too few", () => mkdirSync(workspace.path("place")), /64 images/],
  ])("%s: a message, code 2, no run folder", async (what, make, message) => {
    make();
    if (what === "too few") await makePictures(workspace.path("place"), 10);
    const { code, stderr } = await workspace.run("train", "./place", ...TINY);
    expect(stderr).toMatch(/^error: /m);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
    expect(existsSync(workspace.path("runs"))).toBe(false);
    rmSync(workspace.path("place"), { recursive: true, force: true });
  });

  it("names the source that was meant", async () => {
    const { code, stderr } = await workspace.run("train", "cifar11:data");
    expect(stderr).toMatch(/Did you mean "cifar10"/);
    expect(code).toBe(2);
  });
});

describe("bad files among good ones", () => {
  it("one corrupt file is skipped and named, and training goes on", async () => {
    await makePictures(workspace.path("one-bad"), 66);
    const file = workspace.path("one-bad", "033.png");
    const whole = readFileSync(file);
    whole.fill(0x55, whole.length / 2, whole.length / 2 + 8);
    writeFileSync(file, whole);
    const { code, stdout } = await workspace.run("train", "one-bad", ...TINY, "--steps", "1");
    expect(code).toBe(0);
    expect(stdout).toMatch(/warning: 1 of 66 images could not be used: damaged: .* \(033\.png\)/);
    expect(readFileSync(file)).toEqual(whole);
  });

  it("each is skipped and named with its reason, here and in a list kept with the run", async () => {
    await makePictures(workspace.path("mixed"), 70);
    const whole = readFileSync(workspace.path("mixed", "000.png"));
    const dot = { create: { width: 1, height: 1, channels: 3, background: "red" } } as const;
    const bad: Record<string, [contents: Uint8Array | string, reason: RegExp]> = {
      "dot.png": [await sharp(dot).png().toBuffer(), /smaller than 4 pixels/],
      "empty.jpg": ["", /empty file/],
      "huge.png": [hugePng(), /30000×30000 pixels is more than the limit of 201 megapixels/],
      "text.png": ["not an image", /not an image, whatever its name says/],
      "truncated.png": [whole.subarray(0, whole.length / 2), /damaged/],
    };
    for (const [name, [contents]] of Object.entries(bad))
      writeFileSync(workspace.path("mixed", name), contents);
    const args = ["train", "mixed", ...TINY, "--steps", "1", "--run", "mixed-run"];
    const { code, stdout, stderr } = await workspace.run(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/70 images of mixed at 16×16, 5 skipped/);
    expect(stdout).toMatch(/warning: Only 70 images: .*Add images \(1,000 or more\)/);
    const warning = /warning: 5 of 75 images could not be used.*/.exec(stdout)?.[0];
    const list = readFileSync(workspace.path("mixed-run", "skipped.txt"), "utf8").trimEnd().split("\n");
    expect(list.map((line) => line.split("\t")[0])).toEqual(Object.keys(bad));
    for (const [index, [name, [, reason]]] of Object.entries(bad).entries()) {
      expect(list[index]).toMatch(reason);
      expect(warning).toMatch(new RegExp(`${reason.source}[^;]* \\(${name.replace(".", "\\.")}\\)`));
    }
  });
});

describe("other sources and preprocessing", () => {
  it("trains on a zip file, and says how the images were made square", async () => {
    await makePictures(workspace.path("loose"), 64);
    const files = Array.from({ length: 64 }, (_, i) => {
      const name = `${String(i).padStart(3, "0")}.png`;
      return { name: `pictures/${name}`, bytes: readFileSync(workspace.path("loose", name)) };
    });
    writeFileSync(workspace.path("pictures.zip"), zipOf(files));
    const how = ["--set", "data.preprocessing=random-square-crop", "--set", "data.resize=bilinear-tf1"];
    const { code, stdout } = await workspace.run("train", "pictures.zip", ...TINY, ...how, "--steps", "1");
    expect(code).toBe(0);
    expect(stdout).toMatch(/64 images of pictures\.zip .*\(random-square-crop, bilinear-tf1\)/);
  });

  it("suggests the preprocessing that was meant", async () => {
    const { code, stderr } = await workspace.run("train", ...TINY, "--set", "data.preprocessing=celeba-128");
    expect(stderr).toMatch(/data\.preprocessing: expected .*Did you mean "celeba-178"/s);
    expect(code).toBe(2);
  });

  it("a damaged archive is a message, not a stack", async () => {
    writeFileSync(workspace.path("broken.tar.gz"), "not an archive");
    const { code, stderr } = await workspace.run("train", "broken.tar.gz", ...TINY);
    expect(stderr).toMatch(/^error: .*broken\.tar\.gz is damaged or is no tar file/m);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
  });
});

describe("--dry-run", () => {
  it("says what would be done, writes nothing but the profiles that were asked for", async () => {
    await makePictures(workspace.path("few"), 64);
    const { code, stdout } = await workspace.run(
      "train",
      "few",
      ...TINY,
      "--dry-run",
      "--json",
      "--steps",
      "1000",
      "--profile",
      "profiles",
    );
    const plan = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(existsSync(workspace.path("runs", "few-16"))).toBe(false);
    expect(plan.data).toMatchObject({ used: 64, resolution: 16 });
    expect(plan.run).toMatchObject({ action: "begin", step: 0 });
    const value = (path: string) => plan.values.find((row: { path: string }) => row.path === path);
    expect(value("training.steps")).toMatchObject({ value: 1000, reason: "given by --steps" });
    expect(value("training.batchSize").reason).toBe("given by --set");
    expect(value("engine.device").reason).toMatch(/here: cpu/);
    expect(plan.measured.stepSeconds).toBeGreaterThan(0);
    expect(plan.estimate.seconds).toBeCloseTo(
      1000 * plan.measured.stepSeconds + plan.measured.sampleSeconds,
      6,
    );
    expect(plan.memory.measuredPeak).toBeGreaterThan(plan.memory.state);

    const programs = plan.profile as {
      file: string;
      summary: { runs: number; byOperator: { opType: string }[] };
    }[];
    for (const name of ["discriminator", "generator"]) {
      const { file, summary } = programs.find((each) => each.file.includes(name))!;
      expect(existsSync(workspace.path(file))).toBe(true);
      expect(summary.runs).toBeGreaterThan(0);
      expect(summary.byOperator.map(({ opType }) => opType)).toContain("Conv");
    }
  });

  it("refuses what train would refuse: features that are not there, and images without labels to probe with", async () => {
    await makePictures(workspace.path("plain"), 64);
    const dry = (...args: string[]) =>
      workspace.run("train", "plain", ...TINY_MEASURED, "--dry-run", ...args);
    const features = await dry("--evaluate-every", "10", "--set", "training.evaluateFeatures=inception");
    expect(features).toMatchObject({ code: 2, stderr: expect.stringMatching(/inception/) });
    expect(features.stdout).not.toMatch(/done at/);
    const labels = await dry("--probe-every", "10");
    expect(labels).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/plain has no class labels[\s\S]*--set training\.probeData=PATH/),
    });
    expect(labels.stdout).not.toMatch(/done at/);
  });
});
