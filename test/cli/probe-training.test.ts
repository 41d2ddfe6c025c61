/**
 * `train --probe-every`: labeled pictures, probes in the record, and the weights of a run without
 * them.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ProbeEvent, RecordLine } from "../../src/training/events.ts";
import { makeLabeledPictures, makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
/** The folder has parts of its own: training is on one of them, not on all. */
const args = [
  "train",
  "classes",
  ...TINY.map((text) => text.replace("split=all", "split=train")),
  "--steps",
  "6",
];

beforeAll(async () => {
  await makeLabeledPictures(workspace.path("classes"), { train: 33, test: 8 });
  await makePictures(workspace.path("plain"), 66);
});
afterAll(() => workspace.remove());

const weights = (run: string): string =>
  createHash("sha256")
    .update(readFileSync(workspace.path(run, "checkpoints/0000006/state.safetensors")))
    .update(readFileSync(workspace.path(run, "checkpoints/0000006/weights.safetensors")))
    .digest("hex");
const probes = (run: string): ProbeEvent[] =>
  readFileSync(workspace.path(run, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordLine)
    .filter((line) => line.kind === "probe");

it("writes every probe with its protocol, and trains as without", async () => {
  const { code, stdout } = await workspace.run(...args, "--probe-every", "4", "--run", "probed");
  expect(code).toBe(0);
  expect(stdout).toMatch(/probe +classes told from block1 [\d.]+%, block2 /);
  const lines = probes("probed");
  expect(lines.map(({ step }) => step)).toEqual([0, 4, 6]);
  expect(lines[0]).toMatchObject({
    protocol: { name: "quick", epochs: 20 },
    train: { split: "train", count: 66, of: 66 },
    test: { split: "test", count: 16, of: 16 },
    classes: 2,
  });
  expect(Object.keys(lines[0]!.accuracies)).toEqual(["block1", "block2", "block3"]);
  expect((await workspace.run(...args, "--run", "plain-run")).code).toBe(0);
  expect(weights("probed")).toBe(weights("plain-run"));
});

it("is refused before anything is made where there are no labels, or it would do nothing", async () => {
  const none = await workspace.run("train", "plain", ...TINY, "--probe-every", "2", "--run", "none");
  expect(none.code).toBe(2);
  expect(none.stderr).toMatch(/plain has no class labels[\s\S]*--set training\.probeData=PATH/);
  expect(existsSync(workspace.path("none"))).toBe(false);
  const idle = await workspace.run("train", "plain", "--set", "training.probeData=classes", "--run", "x");
  expect(idle.stderr).toContain("training.probeEvery is 0");
});

it("takes the labels of other images where it is told to", async () => {
  const data = ["train", "plain", ...TINY, "--steps", "2", "--probe-every", "2"];
  const { code } = await workspace.run(...data, "--set", "training.probeData=classes", "--run", "other");
  expect(code).toBe(0);
  expect(probes("other").map(({ test }) => test.data)).toEqual(["classes", "classes"]);
});
