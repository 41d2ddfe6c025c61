/**
 * S3GAN from the command line: a table that gives few of the images a label; one tiny run that is
 * gone on with, exported, and asked what it sees; and what is refused before anything is made.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { lookAtPicture } from "../../src/studies/inside/picture.ts";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

const sets = (...values: string[]): string[] => values.flatMap((value) => ["--set", value]);
const FEW_LABELS = sets(
  "generator.norm=conditional",
  "discriminator.conditioning=predicted",
  "data.unlabeled=keep",
  "objective.auxiliary=classes:1",
);
const train = (run: string, ...more: string[]): Promise<{ code: number | null; stderr: string }> =>
  workspace.run("train", "pictures", ...TINY, ...FEW_LABELS, "--run", run, ...more);

/** Gives the first `labeled` of 64 images a label, the others none. */
const label = (labeled: number): void => {
  const rows = Array.from({ length: 64 }, (_, i) => {
    const name = `${String(i).padStart(3, "0")}.png`;
    return `${name},${i < labeled ? ["cat", "dog"][i % 2] : ""}`;
  });
  writeFileSync(workspace.path("pictures", "metadata.csv"), `file_name,label\n${rows.join("\n")}\n`);
};

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
  label(16);
  expect((await train("whole", "--steps", "2")).code).toBe(0);
});

it("trains with the labels there are, and goes on bit-equal", async () => {
  const config = JSON.parse(readFileSync(workspace.path("whole", "config.json"), "utf8"));
  expect(config.data).toMatchObject({ classes: 2, unlabeled: "keep" });
  expect(JSON.parse(readFileSync(workspace.path("whole", "classes.json"), "utf8"))).toEqual(["cat", "dog"]);
  const lines = readFileSync(workspace.path("whole", "metrics.jsonl"), "utf8").trim().split("\n");
  const step = lines.map((line) => JSON.parse(line)).find(({ kind }) => kind === "step");
  expect(step.discriminator.auxiliaryClasses).toBeGreaterThan(0);

  expect((await train("cut", "--steps", "1")).code).toBe(0);
  expect((await train("cut", "--steps", "2")).code).toBe(0);
  for (const file of ["weights.safetensors", "state.safetensors"]) {
    const of = (run: string) => readFileSync(workspace.path(run, "checkpoints", "0000002", file));
    expect(of("cut").equals(of("whole")), file).toBe(true);
  }
});

it("an exported discriminator predicts the class that it is not given", async () => {
  const { code } = await workspace.run("export", "whole", "--only", "discriminator", "--out", "handed");
  expect(code).toBe(0);
  const session = await ort.InferenceSession.create(workspace.path("handed", "discriminator.onnx"));
  const images = new ort.Tensor("uint8", new Uint8Array(3 * 768).fill(99), [3, 3, 16, 16]);
  const { score } = await session.run({ images, labels: new ort.Tensor("int64", [-1n, 0n, 1n], [3]) });
  const [predicted, cat, dog] = score!.data as Float32Array;
  expect(cat).not.toBe(dog);
  expect([cat, dog]).toContain(predicted);
  await session.release();
});

it("a picture of which nobody says the class is judged as of the class it predicts", async () => {
  const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
  try {
    const picture = readFileSync(workspace.path("pictures", "050.png"));
    const look = (label?: number) =>
      lookAtPicture(engine, { run: workspace.path("whole"), step: 2, picture, label });
    const [unknown, cat, dog] = [await look(), await look(0), await look(1)];
    expect([unknown.label, cat.label, dog.label]).toEqual([undefined, 0, 1]);
    expect(cat.predicted.score).not.toEqual(dog.predicted.score);
    for (const [view, score] of unknown.predicted.score.entries())
      expect([cat.predicted.score[view], dog.predicted.score[view]]).toContain(score);
  } finally {
    await engine.close();
  }
});

it("a table of features has an empty cell where there is no label", async () => {
  const { code } = await workspace.run("embed", "pictures", "--run", "whole", "--out", "x.npy");
  expect(code).toBe(0);
  const rows = readFileSync(workspace.path("x.csv"), "utf8").trim().split("\n");
  expect(rows).toHaveLength(65);
  expect([rows[2], rows[64]]).toEqual(["1,001.png,1,dog", "63,063.png,,"]);
});

it("is refused without any label, before anything is made", async () => {
  label(0);
  const { code, stderr } = await train("none");
  expect(code).toBe(2);
  expect(stderr).toMatch(/pictures has no classes \(metadata\.csv has no label in any row/);
  expect(stderr).toMatch(/Give some of the images a label/);
  expect(existsSync(workspace.path("none"))).toBe(false);
});
