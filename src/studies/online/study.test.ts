/**
 * The study in little: it learns, its two sides see the same batches, and one that was stopped ends
 * as one that was not.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../engine/engine.ts";
import { createEngine } from "../../engine/node.node.ts";
import { stripedStore } from "../testing/striped.ts";
import { ONLINE_DEFAULTS, type OnlineSettings } from "./settings.ts";
import { runOnlineStudy } from "./study.ts";
import { labeled } from "./tasks.ts";

const settings: OnlineSettings = {
  ...ONLINE_DEFAULTS,
  resolution: 16,
  network: { architecture: "sngan-resnet", width: 8, spectralNorm: true },
  batchSize: 8,
  rotatedBatch: 16,
  learningRate: 2e-3,
  taskIterations: 20,
  evaluateEvery: 10,
  evaluateAfter: [2, 5],
  testImages: 30,
};

let engine: Engine;
const root = mkdtemp(join(tmpdir(), "quarterturn-online-"));
beforeAll(async () => {
  engine = await createEngine({ device: "cpu", threads: 1 });
});
afterAll(async () => {
  await engine.close();
  await rm(await root, { recursive: true, force: true });
});

const images = { train: stripedStore(3, 60, 1), test: stripedStore(3, 30, 2) };

async function study(name: string, stopAt?: number) {
  const controller = new AbortController();
  return runOnlineStudy({
    dir: join(await root, name),
    settings,
    engine,
    train: labeled(images.train),
    test: labeled(images.test),
    dataHash: "striped",
    signal: controller.signal,
    onProgress: (variant, step) => {
      if (variant === "rotation" && step === stopAt) controller.abort();
    },
  });
}

it("learns its tasks, and goes on after a stop as if there had been none", async () => {
  const whole = await study("whole");
  expect(whole.finished).toBe(true);
  expect(whole.results.map(({ variant }) => variant)).toEqual(["vanilla", "rotation"]);
  for (const { summary } of whole.results) expect(summary.finalAccuracy).toBeGreaterThan(0.75);
  expect(
    whole.results[0]!.lines.filter(({ moment }) => moment === "recovery").map(({ step }) => step % 20),
  ).toEqual(Array(6).fill([2, 5]).flat());
  const last = whole.results[1]!.lines.at(-1)!;
  expect(last.rotationAccuracy).toBeGreaterThan(0.25);
  expect(whole.results[0]!.lines.at(-1)).not.toHaveProperty("rotationAccuracy");
  expect(await readFile(whole.files[0]!, "utf8")).toContain("with the rotation loss");

  const stopped = await study("stopped", 47);
  expect(stopped.finished).toBe(false);
  const continued = await study("stopped");
  expect(continued.results).toEqual(whole.results);
});

it("does not go on with other settings in the same folder", async () => {
  const other = { ...settings, seed: 2 };
  const dir = join(await root, "whole");
  const both = { train: labeled(images.train), test: labeled(images.test) };
  await expect(
    runOnlineStudy({ dir, settings: other, engine, ...both, dataHash: "striped" }),
  ).rejects.toThrow(/holds a study with other settings/);
});
