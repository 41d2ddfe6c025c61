/**
 * The loop over the real objective and engine, in little: numbers as documented, and a continued
 * run bit-equal to an undisturbed one.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { randomStream } from "../../src/base/random.ts";
import { memoryStore } from "../../src/data/store/memory-store.ts";
import { createEngine } from "../../src/engine/node.node.ts";
import { STANDARD_TARGET } from "../../src/graph/index.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import { parseConfig } from "../../src/training/config/check.ts";
import type { StepEvent } from "../../src/training/events.ts";
import { loadCheckpoint } from "../../src/training/run/checkpoint/checkpoint.node.ts";
import { openRun } from "../../src/training/run/folder/run-folder.node.ts";
import { runTraining } from "../../src/training/run/run.node.ts";

const config = parseConfig({
  "data.resolution": 16,
  "generator.width": 8,
  "discriminator.width": 8,
  "generator.latentSize": 8,
  "objective.rotatedBatch": 16,
  "training.batchSize": 8,
  "training.steps": 6,
  "training.emaStart": 2,
  "training.checkpointEvery": 2,
  "training.sampleEvery": 3,
  "engine.device": "cpu",
  "engine.threads": 1,
});
const root = mkdtemp(join(tmpdir(), "quarterturn-real-"));
afterAll(async () => rm(await root, { recursive: true, force: true }));

/** Images that are bright at the top. */
function store() {
  const stream = randomStream(1, "pictures");
  const images = Uint8Array.from({ length: 70 * 16 * 16 * 3 }, (_, i) => {
    const row = Math.floor(i / 48) % 16;
    return Math.floor(255 - row * 12 - stream.uniform() * 60);
  });
  return memoryStore({ images, size: 16, hash: "bright at the top" });
}

/** Train in an engine of its own until the end or the abort. */
async function session(name: string, abortAt?: number): Promise<StepEvent[]> {
  const engine = await createEngine(config.engine);
  const run = await openRun({ config, dir: join(await root, name) });
  const abort = new AbortController();
  const events: StepEvent[] = [];
  try {
    await runTraining({
      run,
      config,
      steps: buildSteps(config, STANDARD_TARGET),
      engine,
      store: store(),
      signal: abort.signal,
      onEvent: (event) => {
        if (event.kind !== "step") return;
        events.push(event);
        if (event.step === abortAt) abort.abort();
      },
    });
  } finally {
    await run.close();
    await engine.close();
  }
  return events;
}

it("trains the real networks, and continues bit-equal", async () => {
  const whole = await session("whole");
  const cut = [...(await session("cut", 3)), ...(await session("cut"))];
  const numbers = (events: StepEvent[]) =>
    events.map(({ step, discriminator, generator }) => ({ step, discriminator, generator }));
  expect(numbers(cut)).toEqual(numbers(whole));
  expect(Object.keys(whole[0]!.discriminator).sort()).toEqual([
    "fake",
    "loss",
    "lossFake",
    "lossReal",
    "real",
    "rotationAccuracyReal",
    "rotationLossReal",
  ]);
  expect(Object.keys(whole[0]!.generator).sort()).toEqual([
    "fake",
    "loss",
    "lossAdversarial",
    "rotationAccuracyFake",
    "rotationLossFake",
  ]);
  for (const file of ["weights.safetensors", "state.safetensors", "meta.json"]) {
    const of = async (name: string) =>
      readFile(join(await root, name, "checkpoints", "0000006", file), "hex");
    expect(await of("cut"), file).toBe(await of("whole"));
  }
  const { named } = await loadCheckpoint(join(await root, "whole", "checkpoints", "0000006"));
  const [average] = [...named.weights].filter(([tensor]) => tensor.startsWith("ema/generator/"));
  expect(named.weights.get(average![0].slice(4))?.data).not.toEqual(average![1].data);
});
