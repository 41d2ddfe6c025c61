/**
 * A run goes from one place to another and on as if nothing had happened: from memory, as in a
 * browser, to a folder under the real command line, and back. One engine on both sides, so that the
 * bits must agree.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openData } from "../../src/data/index.node.ts";
import { RUN_SOURCE } from "../../src/data/run-images.ts";
import { createEngine } from "../../src/engine/node.node.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import { flattenConfig, parseConfig } from "../../src/training/config/check.ts";
import type { Config } from "../../src/training/config/schema.ts";
import {
  type ArchivedRun,
  imageFiles,
  storeOfFiles,
  unzipRun,
  zipRun,
} from "../../src/training/run/folder/archive.ts";
import { newestIn, trainInMemory } from "../../src/training/run/memory-run.ts";
import { withoutTiming } from "../../src/training/testing/without-timing.ts";
import { readGolden } from "../support/safetensors.ts";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
const STEPS = 6;
const HALF = 3;
const settings = [
  ...TINY,
  "--set",
  "training.checkpointEvery=3",
  "--set",
  "training.sampleEvery=3",
  "--set",
  "training.ema=0.9",
];

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 70);
  const whole = await workspace.run(
    "train",
    "pictures",
    ...settings,
    "--steps",
    `${STEPS}`,
    "--run",
    "whole",
  );
  expect(whole).toMatchObject({ code: 0, stderr: "" });
});
afterAll(() => workspace.remove());

/** Train a run in memory up to `steps`, as the worker of a browser does. */
async function goOn(run: ArchivedRun, steps: number): Promise<void> {
  const saved = JSON.parse(new TextDecoder().decode(run.files.get("config.json"))) as Config;
  const config = parseConfig({ ...flattenConfig(saved), "training.steps": steps });
  const engine = await createEngine({ device: "cpu", threads: 1 });
  try {
    const store = storeOfFiles(run.files, config.data.resolution);
    if (!store) throw new Error("the run has no images");
    const versions = { quarterturn: "0.0.0" };
    const programs = buildSteps(config, engine.target);
    await trainInMemory({ run, config, steps: programs, engine, store, versions, platform: "test" });
  } finally {
    await engine.close();
  }
}

/** A run in memory that has not begun, with the pictures and the configuration of `whole`. */
async function freshRun(): Promise<ArchivedRun> {
  const whole = JSON.parse(await readFile(workspace.path("whole", "config.json"), "utf8")) as Config;
  const config = { ...whole, data: { ...whole.data, source: RUN_SOURCE } };
  const store = await openData({ ...whole.data, cacheDir: workspace.path("cache") });
  const files = new Map([...imageFiles(store)]);
  store.close();
  files.set("config.json", new TextEncoder().encode(JSON.stringify(config)));
  return { name: "mine", files };
}

async function unpack({ name, files }: ArchivedRun): Promise<string> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(workspace.path(name, path)), { recursive: true });
    await writeFile(workspace.path(name, path), bytes);
  }
  return name;
}

const onDisk = async (run: string) => {
  const folder = workspace.path(run, "checkpoints", `000000${STEPS}`);
  return new Map([
    ...readGolden(pathToFileURL(`${folder}/weights.safetensors`)),
    ...readGolden(pathToFileURL(`${folder}/state.safetensors`)),
  ]);
};
const inMemory = async ({ files }: ArchivedRun) => {
  const { named } = (await newestIn(files))!;
  return new Map([...named.weights, ...named.rest]);
};
/** The record without what tells the time. */
const lines = (text: string): unknown[] =>
  text
    .trim()
    .split("\n")
    .map((line) => withoutTiming(JSON.parse(line) as object));

it("from memory to a folder: unpacked, `train --run` goes on with the images inside", async () => {
  const run = await freshRun();
  await goOn(run, HALF);
  const arrived = unzipRun(zipRun("mine", run.files), "mine.zip");
  expect(arrived.name).toBe("mine");
  await unpack(arrived);
  const continued = await workspace.run("train", "--run", "mine", "--steps", `${STEPS}`);
  expect(continued).toMatchObject({ code: 0, stderr: "" });
  expect(continued.stdout).not.toContain("beginning again");
  // The folder is called "images": "70 images of images" would say nothing. And a run is no preset.
  expect(continued.stdout).toMatch(/^70 images at 16×16 /m);
  expect(continued.stdout).toMatch(/training\.emaStart is \d+ \(as the run was begun\)/);
  expect(continued.stdout).not.toContain("preset");
  expect(await onDisk("mine")).toEqual(await onDisk("whole"));
  const record = await readFile(workspace.path("mine", "metrics.jsonl"), "utf8");
  expect(lines(record).map((line) => JSON.stringify(line))).toEqual(
    lines(await readFile(workspace.path("whole", "metrics.jsonl"), "utf8")).map((line) =>
      JSON.stringify(line),
    ),
  );
});

it("from a folder to memory: a bundle brings everything along", async () => {
  const first = await workspace.run("train", "pictures", ...settings, "--steps", `${HALF}`, "--run", "half");
  expect(first).toMatchObject({ code: 0, stderr: "" });
  const bundled = await workspace.run("bundle", "half", "--json");
  expect(bundled).toMatchObject({ code: 0 });
  expect(JSON.parse(bundled.stdout)).toMatchObject({ step: HALF, images: 70 });
  const run = unzipRun(await readFile(workspace.path("half.zip")), "half.zip");
  await goOn(run, STEPS);
  expect(await inMemory(run)).toEqual(await onDisk("whole"));
  // And back again, moved and renamed: it needs nothing of the first folder any more.
  await unpack({ ...run, name: "again" });
  const again = await workspace.run("train", "--run", "again", "--steps", `${STEPS + 1}`);
  expect(again).toMatchObject({ code: 0, stderr: "" });
});

it("says what is wrong", async () => {
  const none = await workspace.run("bundle", "pictures");
  expect(none).toMatchObject({ code: 2 });
  expect(none.stderr).toContain("not a run folder");
  await makePictures(workspace.path("other"), 70, 2);
  await workspace.run("train", "other", ...settings, "--steps", "3", "--run", "moved");
  await makePictures(workspace.path("other"), 71, 3);
  const changed = await workspace.run("bundle", "moved");
  expect(changed).toMatchObject({ code: 2 });
  expect(changed.stderr).toContain("not those that moved was trained on");
  const bare = await workspace.run("train", RUN_SOURCE);
  expect(bare).toMatchObject({ code: 2 });
  expect(bare.stderr).toContain("--run");
  const { files } = unzipRun(await readFile(workspace.path("half.zip")), "half.zip");
  expect(() => unzipRun(zipRun("x", new Map([["a.txt", new Uint8Array(1)]])), "x.zip")).toThrow(
    "no run in it",
  );
  expect(() => unzipRun(new Uint8Array(99), "x.zip")).toThrow("no zip file");
  files.set("images/0000000.png", new Uint8Array(9));
  expect(() => storeOfFiles(files, 16)).toThrow("images/0000000.png is damaged");
});
