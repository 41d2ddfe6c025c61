/** `evaluate` and `compare` on the command line, and measuring while training. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyFeatures } from "../support/tiny-features.ts";
import { makePictures, TINY_MEASURED, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
  await makePictures(workspace.path("others"), 40, 2);
  await makePictures(workspace.path("two"), 2, 3);
  writeFileSync(workspace.path("tiny.onnx"), tinyFeatures({ side: 16 }));
  writeFileSync(workspace.path("plain.onnx"), tinyFeatures({ side: 16, logits: false }));
  const settings = [
    "training.checkpointEvery=2",
    "training.emaStart=0",
    "training.evaluateSamples=30",
    "training.evaluateFeatures=tiny.onnx",
  ].flatMap((set) => ["--set", set]);
  const { code, stdout, stderr } = await workspace.run(
    "train",
    "pictures",
    ...TINY_MEASURED,
    "--run",
    "a",
    "--steps",
    "4",
    "--evaluate-every",
    "2",
    ...settings,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  // A folder of pictures has no test part: that is said, and the images are used as they are.
  expect(stdout).toMatch(/has no test images.*The reference is its all part instead/);
});

const lines = (name: string, run = "a") =>
  readFileSync(workspace.path(run, name), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** The JSON document of a call that succeeds. */
async function document(...args: string[]) {
  const { code, stdout, stderr } = await workspace.run(...args, "--json");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout);
}

describe("training with --evaluate-every", () => {
  it("records the measurements with everything they depend on, and which checkpoint is the best", () => {
    const measured = lines("metrics.jsonl").filter((line) => line.kind === "evaluation");
    expect(measured.map((line) => line.step)).toEqual([2, 4]);
    for (const line of measured) {
      expect(line).toMatchObject({
        weights: "averaged",
        protocol: "paper",
        features: { name: "tiny.onnx", dimensions: 24 },
        reference: { data: "pictures", split: "all", count: 30, of: 64 },
        generated: { count: 30, quantisation: "float" },
        resize: { from: 16, to: 16, method: "none" },
        repeats: 1,
      });
      expect(line.metrics.fid.mean).toBeGreaterThan(0);
      expect(line.metrics.kid.values).toHaveLength(1);
      expect(line.warnings.join()).toMatch(/30 generated images/);
    }
    const fids = measured.map((line) => line.metrics.fid.mean);
    expect(JSON.parse(readFileSync(workspace.path("a", "best.json"), "utf8"))).toEqual({
      step: measured[fids.indexOf(Math.min(...fids))].step,
      metric: "fid",
      value: Math.min(...fids),
    });
  });
});

describe("evaluate --memorization", () => {
  it("shows the nearest training images, in either spelling; report and files have them", async () => {
    const common = ["evaluate", "a", "--features", "tiny.onnx", "--samples", "70"];
    const found = await document(...common, "--memorisation");
    expect(found).toMatchObject({
      ...{ step: 4, weights: "averaged", features: { name: "tiny.onnx" }, written: true },
      training: { data: "pictures", split: "all", count: 64, mirrored: false },
      summary: { samples: 70 },
    });
    expect(found.grid).toHaveLength(64);
    for (const { features, pixels } of found.grid)
      for (const { index, percentile } of [features, pixels]) {
        expect(index).toBeLessThan(64);
        expect(percentile).toBeLessThanOrEqual(1);
      }
    expect(found.sheet.places).toHaveLength(64);
    const { code, stdout } = await workspace.run(...common, "--memorization");
    expect(code).toBe(0);
    expect(stdout).toMatch(/nearest training image in features: middle percentile \d+/);
    const again = JSON.parse(readFileSync(workspace.path("a", "memorization.json"), "utf8"));
    expect(again.grid).toEqual(found.grid);

    expect((await workspace.run("report", "a", "--no-walk")).code).toBe(0);
    const report = readFileSync(workspace.path("a", "report.html"), "utf8");
    expect(report).toMatch(/70 samples against 64 training images of pictures; features of tiny\.onnx/);
    expect(report).toMatch(/alt="Samples beside their nearest training images"/);
  });

  it("refuses what would change nothing", async () => {
    const { code, stderr } = await workspace.run("evaluate", "a", "--memorization", "--metrics", "fid");
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--metrics would change nothing: with --memorization/),
    });
  });
});

describe("evaluate", () => {
  it("measures the newest checkpoint, prints every number and once their protocol, and adds a line", async () => {
    const args = ["--features", "tiny.onnx", "--split", "all", "--metrics", "all", "--samples", "50"];
    const { code, stdout } = await workspace.run("evaluate", "a", ...args);
    expect(code).toBe(0);
    for (const title of ["FID", "KID", "Inception Score", "Precision", "Coverage", "PRD F8", "MS-SSIM"])
      expect(stdout).toMatch(new RegExp(`^  ${title} `, "m"));
    const protocol =
      "settings of paper · features tiny.onnx (24) · 50 of 64 images of pictures · 50 compared, float · not resized";
    expect(stdout.split(protocol)).toHaveLength(2);
    expect(stdout).toMatch(/FID \(features of tiny\.onnx\) +\S+ ± \S+ \(3 repeats\)/);
    expect(lines("evaluations.jsonl")).toHaveLength(1);
  });

  it("the same again is the same, from the cache, and another protocol is another number", async () => {
    const args = [
      "evaluate",
      "a",
      "--features",
      "tiny.onnx",
      "--split",
      "all",
      "--metrics",
      "fid",
      "--repeats",
      "1",
    ];
    const first = await document(...args);
    const { evaluations } = await document(...args);
    expect(evaluations[0].metrics).toEqual(first.evaluations[0].metrics);
    expect(readdirSync(workspace.path("cache", "statistics")).length).toBeGreaterThan(0);
    const mimicry = await document(...args, "--protocol", "mimicry");
    expect(mimicry.evaluations[0].generated.quantisation).toBe("uint8-rescaled");
    expect(mimicry.evaluations[0].metrics.fid.mean).not.toBe(evaluations[0].metrics.fid.mean);
    const latest = await document(...args, "--no-ema");
    expect(latest.evaluations[0]).toMatchObject({ step: 4, weights: "latest" });
    expect(latest.evaluations[0].metrics.fid.mean).not.toBe(evaluations[0].metrics.fid.mean);
  });

  it("measures every checkpoint, or the best", async () => {
    const args = ["--features", "tiny.onnx", "--metrics", "fid", "--repeats", "1", "--samples", "30"];
    const all = await document("evaluate", "a", ...args, "--all-checkpoints");
    expect(all.evaluations.map((line: { step: number }) => line.step)).toEqual([2, 4]);
    const best = await document("evaluate", "a", ...args, "--best");
    const { step, value } = JSON.parse(readFileSync(workspace.path("a", "best.json"), "utf8"));
    expect(best.evaluations[0].step).toBe(step);
    // The same samples against the same reference as in training.
    expect(best.evaluations[0].metrics.fid.mean).toBeCloseTo(value, 6);
  });

  it("measures against other data", async () => {
    const args = ["--features", "tiny.onnx", "--metrics", "fid", "--repeats", "1", "--split", "all"];
    const { evaluations } = await document("evaluate", "a", ...args, "--data", "others");
    expect(evaluations[0].reference).toMatchObject({ data: "others", count: 40, of: 40 });
  });
});

/** The command that compares the pictures with a folder, by the small network. */
const comparing = (other: string): string[] =>
  `compare pictures ${other} --features tiny.onnx --resolution 16`.split(" ");

it("with all metrics asked for, those that so few images cannot give are left out and named", async () => {
  const args = [...comparing("others"), "--samples", "7"];
  const all = await workspace.run(...args, "--metrics", "all");
  expect(all).toMatchObject({ code: 0 });
  expect(all.stdout).toMatch(/Left out, for 7 reference and 7 generated images are too few: PRD: 20 images/);
  expect(all.stdout).toMatch(/^FID .*[\s\S]*^Coverage /m);
  const named = await workspace.run(...args, "--metrics", "fid,prd");
  expect(named).toMatchObject({ code: 2, stderr: expect.stringMatching(/PRD: 20 images on either side/) });
});

describe("without --features", () => {
  const args = ["--split", "all", "--metrics", "fid", "--repeats", "1"];
  const features = workspace.path("cache", "features");
  afterAll(() => rmSync(features, { recursive: true, force: true }));

  it("Inception is taken once it is added, and a run that was measured before keeps its network", async () => {
    const train = (...more: string[]) =>
      workspace.run(
        "train",
        "pictures",
        ...TINY_MEASURED,
        "--run",
        "b",
        "--set",
        "training.evaluateEvery=2",
        ...more,
      );
    const few = ["--set", "training.evaluateSamples=20", "--set", "training.checkpointEvery=2"];
    expect(await train(...few, "--steps", "2")).toMatchObject({ code: 0 });
    mkdirSync(features, { recursive: true });
    writeFileSync(join(features, "inception.onnx"), tinyFeatures({ side: 16 }));

    const config = readFileSync(workspace.path("b", "config.json"), "utf8");
    const longer = await train(...few, "--steps", "4");
    expect(longer.stdout).toMatch(/features: resnet20-cifar10, as this run was measured with it before/);
    expect(lines("metrics.jsonl", "b").flatMap((line) => line.features?.name ?? [])).toEqual([
      "resnet20-cifar10",
      "resnet20-cifar10",
    ]);
    expect(readFileSync(workspace.path("b", "config.json"), "utf8")).toBe(
      config.replace('"steps": 2', '"steps": 4'),
    );
    const kept = await workspace.run("evaluate", "b", ...args);
    expect(kept.stdout).toMatch(/features: resnet20-cifar10, as this run was measured with it before/);
    expect(lines("evaluations.jsonl", "b").at(-1).features.name).toBe("resnet20-cifar10");

    const compared = await workspace.run(
      "compare",
      "pictures",
      "others",
      "--metrics",
      "fid",
      "--resolution",
      "16",
    );
    expect(compared.stdout).toMatch(/features: inception, as it has been added/);
    expect(compared.stdout).toMatch(/FID +\S+\n.*features inception \(24\)/);
    const { networks } = await document("features", "list");
    const standard = networks.filter((row: { default: boolean }) => row.default);
    expect(standard.map((row: { name: string }) => row.name)).toEqual(["inception"]);
  });
});

describe("compare", () => {
  it("finds a set equal to itself and different from another", async () => {
    const same = await document(...comparing("pictures"));
    expect(Math.abs(same.metrics.fid.mean)).toBeLessThan(1e-6);
    expect(same.metrics.precision.mean).toBe(1);
    const other = await document(...comparing("others"));
    expect(other).toMatchObject({
      a: workspace.path("pictures"),
      b: workspace.path("others"),
      reference: { count: 64 },
      generated: { count: 40, quantisation: "uint8" },
    });
    expect(other.metrics.fid.mean).toBeGreaterThan(same.metrics.fid.mean + 1e-3);
  });

  it("takes images at their own size, which the protocol then resizes", async () => {
    const args = ["pictures", "others", "--features", "tiny.onnx", "--metrics", "fid", "--protocol", "clean"];
    const { resize } = await document("compare", ...args);
    expect(resize).toEqual({ from: 20, to: 16, method: "pil-bicubic" });
  });

  it("repeats over different images of the second set", async () => {
    const args = ["pictures", "pictures", "--features", "tiny.onnx", "--metrics", "fid"];
    const { metrics } = await document("compare", ...args, "--samples", "30", "--repeats", "3");
    expect(new Set(metrics.fid.values).size).toBe(3);
    expect(metrics.fid.deviation).toBeGreaterThan(0);
  });
});

it.each([
  [["evaluate", "nothing"], /not a run folder/],
  [
    ["evaluate", "a", "--features", "tiny.onnx", "--metrics", "fdi"],
    /Unknown metric "fdi"[\s\S]*Did you mean "fid"/,
  ],
  [["evaluate", "a", "--features", "tiny.onnx", "--step", "3"], /no checkpoint of step 3/],
  [["evaluate", "a", "--features", "tiny.onnx", "--step", "2", "--best"], /exclude each other/],
  [
    ["evaluate", "a", "--features", "plain.onnx", "--split", "all", "--metrics", "is"],
    /needs a network that classifies/,
  ],
  [
    ["evaluate", "a", "--features", "tiny.onnx", "--metrics", "fid", "--samples", "2"],
    /Two samples are too few to be compared: the covariance/,
  ],
  [["compare", "pictures", "two", "--features", "tiny.onnx"], /Two images of two are too few to be compared/],
  [["compare", "pictures", "nowhere", "--features", "tiny.onnx"], /nowhere/],
  [
    ["compare", "pictures", "others", "--features", "tiny.onnx", "--repeats", "2"],
    /repeating changes nothing/,
  ],
])("%j is refused in plain words", async (args, message) => {
  const { code, stderr } = await workspace.run(...args);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
  expect(stderr).not.toMatch(/\n\s+at /);
});
