/**
 * A conditional GAN from the command line: classes from the data, resumed with everything random
 * switched on, sampled by class, exported.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import * as ort from "onnxruntime-node";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeCifar10 } from "../../src/data/testing/images.node.ts";
import { withoutTiming } from "../../src/training/testing/without-timing.ts";
import { makeLabeledPictures, makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

const sets = (...values: string[]): string[] => values.flatMap((value) => ["--set", value]);
const CONDITIONAL = sets("generator.norm=conditional", "discriminator.conditioning=projection");
/** Everything that draws random numbers, and gradients gathered over two micro-batches. */
const ALL = sets(
  "objective.penalty=dragan",
  "generator.architecture=resnet-cifar",
  "discriminator.architecture=resnet-cifar",
  "training.accumulate=2",
  "training.augment=colour,translation,cutout",
  "generator.statistics=standing",
  "generator.standingSamples=128",
  "training.checkpointEvery=1",
);
const train = (run: string, ...more: string[]): string[] => [
  "train",
  "cifar10:data",
  ...TINY,
  ...CONDITIONAL,
  "--run",
  run,
  ...more,
];

beforeAll(async () => {
  await writeCifar10(workspace.path("data"), 16);
});

/** The record without times. */
function record(run: string): unknown[] {
  const lines = readFileSync(workspace.path(run, "metrics.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => withoutTiming(JSON.parse(line)));
}

describe("a conditional GAN", () => {
  it("takes its classes from the data, and goes on bit-equal with all that is random", async () => {
    const whole = await workspace.run(...train("whole", ...ALL, "--steps", "3"));
    expect({ code: whole.code, stderr: whole.stderr.replace(/^.*published file.*$/gm, "").trim() }).toEqual({
      code: 0,
      stderr: "",
    });
    const config = JSON.parse(readFileSync(workspace.path("whole", "config.json"), "utf8"));
    expect(config.data.classes).toBe(10);
    expect(JSON.parse(readFileSync(workspace.path("whole", "classes.json"), "utf8"))[3]).toBe("cat");

    expect((await workspace.run(...train("cut", ...ALL, "--steps", "1"))).code).toBe(0);
    expect((await workspace.run(...train("cut", ...ALL, "--steps", "3"))).code).toBe(0);
    const steps = (run: string) => record(run).filter((event) => (event as { kind: string }).kind === "step");
    expect(steps("whole")).toHaveLength(3);
    expect(steps("cut")).toEqual(steps("whole"));
    for (const file of ["weights.safetensors", "state.safetensors"]) {
      const of = (run: string) => readFileSync(workspace.path(run, "checkpoints", "0000003", file));
      expect(of("cut").equals(of("whole")), file).toBe(true);
    }
  });

  it("is sampled by class: in rows, one by name or number, or drawn by the seed", async () => {
    const rows = await workspace.run("sample", "whole", "--json", "--scale", "1", "--out", "rows.png");
    expect(rows.code).toBe(0);
    // Ten rows of eight images of 16 pixels, two between.
    expect(await sharp(workspace.path("rows.png")).metadata()).toMatchObject({ width: 142, height: 178 });
    const sample = async (out: string, ...args: string[]): Promise<Buffer> => {
      const { code, stderr } = await workspace.run("sample", "whole", "--count", "4", "--out", out, ...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return readFileSync(workspace.path(out));
    };
    const cats = await sample("cats.png", "--class", "Cat");
    expect((await sample("three.png", "--class", "3")).equals(cats)).toBe(true);
    expect((await sample("dogs.png", "--class", "dog")).equals(cats)).toBe(false);
    const mixed = await sample("mixed.png");
    expect((await sample("again.png")).equals(mixed)).toBe(true);
    const { stdout } = await workspace.run(
      "sample",
      "whole",
      "--class",
      "ship",
      "--interpolate",
      "--count",
      "2",
      "--frames",
      "4",
    );
    expect(stdout).toMatch(/walk-seed0-step3-class-ship\.gif .*class ship/);
  });

  it("refuses classes that are not there", async () => {
    const unknown = await workspace.run("sample", "whole", "--class", "cta");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/--class cta: there is no such class/);
    expect(unknown.stderr).toMatch(/Did you mean "cat"\?.*There are 10, numbered from 0: airplane/s);
    expect((await workspace.run("sample", "whole", "--class", "10")).code).toBe(2);
  });

  it("is exported with labels as an input", async () => {
    const path = workspace.path("whole", "export", "generator.onnx");
    expect(existsSync(path)).toBe(true);
    const session = await ort.InferenceSession.create(path);
    expect(session.inputNames).toEqual(["z", "labels"]);
    const z = new ort.Tensor("float32", new Float32Array(3 * 8).fill(0.3), [3, 8]);
    const images = async (...labels: number[]): Promise<Uint8Array> => {
      const classes = new ort.Tensor("int64", BigInt64Array.from(labels, BigInt), [3]);
      return (await session.run({ z, labels: classes })).images!.data as Uint8Array;
    };
    const [same, other] = [await images(1, 1, 1), await images(1, 2, 1)];
    const image = (all: Uint8Array, i: number) => all.slice(i * 768, (i + 1) * 768);
    expect(image(same, 0)).toEqual(image(same, 1));
    expect(image(other, 1)).not.toEqual(image(same, 1));
    expect(image(other, 2)).toEqual(image(same, 2));
    await session.release();
  });

  it("is handed over whole: the discriminator judges images as ones of a class", async () => {
    const { code } = await workspace.run("export", "whole", "--out", "handed");
    expect(code).toBe(0);
    const session = await ort.InferenceSession.create(workspace.path("handed", "discriminator.onnx"));
    expect(session.inputNames).toEqual(["images", "labels"]);
    const images = new ort.Tensor("uint8", new Uint8Array(2 * 768).fill(99), [2, 3, 16, 16]);
    const { score } = await session.run({ images, labels: new ort.Tensor("int64", [3n, 4n], [2]) });
    expect(score!.data[0]).not.toBe(score!.data[1]);
    await session.release();
    expect(readFileSync(workspace.path("handed", "README.md"), "utf8")).toContain("(airplane, automobile,");
    expect(readFileSync(workspace.path("handed", "example.html"), "utf8")).toContain("BigInt(i % 10)");
  });

  it("is refused for data without classes, before anything is made", async () => {
    await makePictures(workspace.path("pictures"), 64);
    const { code, stderr } = await workspace.run(
      "train",
      "pictures",
      ...TINY,
      ...CONDITIONAL,
      "--run",
      "none",
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/conditional .*but pictures has no classes/);
    expect(existsSync(workspace.path("none"))).toBe(false);
  });

  it("is refused with more classes than the data has: an empty folder is none", async () => {
    await makeLabeledPictures(workspace.path("two"), { train: 33, test: 8 });
    for (const part of ["train", "test"]) mkdirSync(workspace.path("two", part, "empty"));
    const args = ["train", "two", ...TINY, ...CONDITIONAL, "--set", "data.classes=3", "--run", "many"];
    const { code, stderr } = await workspace.run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/data\.classes is 3, but two has 2 classes/);
    expect(existsSync(workspace.path("many"))).toBe(false);
  });
});
