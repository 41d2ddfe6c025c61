/**
 * What is measured is the whole of what a training does, over the real objective and engine, in
 * little.
 */
import { expect, it } from "vitest";
import { randomStream } from "../base/random.ts";
import { memoryStore } from "../data/store/memory-store.ts";
import type { Executable } from "../engine/engine.ts";
import { createEngine } from "../engine/node.node.ts";
import { buildSteps } from "../objectives/build.ts";
import { parseConfig } from "./config/check.ts";
import { trainingSeconds } from "./estimate.ts";
import { MEASURED_STEPS, meanStepSeconds, measureSpeed } from "./speed.ts";

const CLASSES = 2;
const config = parseConfig({
  "data.resolution": 16,
  "data.classes": CLASSES,
  "generator.width": 8,
  "generator.latentSize": 8,
  "generator.norm": "conditional",
  "discriminator.width": 8,
  "discriminator.conditioning": "projection",
  "objective.rotatedBatch": 16,
  "training.batchSize": 8,
  "training.discIters": 2,
  "training.accumulate": 2,
  "training.emaStart": 1,
  "engine.device": "cpu",
  "engine.threads": 1,
});

it("is every update of both networks in a step, and samples with what is said of them", async () => {
  const stream = randomStream(1, "pictures");
  const store = memoryStore({
    images: Uint8Array.from({ length: 70 * 16 * 16 * 3 }, () => Math.floor(256 * stream.uniform())),
    labels: Uint16Array.from({ length: 70 }, (_, i) => i % CLASSES),
    size: 16,
    hash: "noise",
  });
  const engine = await createEngine(config.engine);
  const ran: string[] = [];
  const counting = (executable: Executable): Executable => ({
    ...executable,
    run(...args) {
      ran.push(executable.program.name);
      return executable.run(...args);
    },
  });
  try {
    const steps = buildSteps(config, engine.target);
    const compileTogether: typeof engine.compileTogether = async (programs) =>
      (await engine.compileTogether(programs)).map(counting);
    const speed = await measureSpeed(config, steps, { ...engine, compileTogether }, store);
    expect(speed.stepSeconds).toBeGreaterThan(0);
    expect(speed.sampleSeconds).toBeGreaterThan(0);
    const times = (name: string | undefined): number => ran.filter((one) => one === name).length;
    // Of each update two micro-batches, of which the second one updates.
    expect(times(steps.discriminatorStep.name)).toBe(2 * MEASURED_STEPS);
    expect(times(steps.accumulating?.discriminatorStep.name)).toBe(2 * MEASURED_STEPS);
    expect(times(steps.generatorStep.name)).toBe(MEASURED_STEPS);
    expect(times(steps.accumulating?.generatorStep.name)).toBe(MEASURED_STEPS);
    expect(times(steps.sampler.name)).toBeGreaterThan(0);
    expect(times(steps.predictions?.().name)).toBeGreaterThan(0);
  } finally {
    await engine.close();
  }
});

it("weighs steps with a penalty by how often they come, and takes the first only where it must", () => {
  const lazy = { discIters: 1, every: [16] };
  const seconds = Array.from({ length: 17 }, (_, i) => (i === 0 ? 50 : i === 16 ? 5 : 1));
  expect(meanStepSeconds(seconds, lazy)).toBeCloseTo((5 + 15) / 16, 12);
  // Two updates a step, one of them with the penalty: all steps are alike.
  expect(meanStepSeconds([50, 3, 2, 9], { discIters: 2, every: [2] })).toBe(3);
  expect(meanStepSeconds([50, 3, 2, 9], { discIters: 1, every: [] })).toBe(3);
  expect(meanStepSeconds([7, 1, 1, 1], { discIters: 1, every: [4] })).toBeCloseTo((7 + 3) / 4, 12);
});

it("makes the time of a training, samples and all", () => {
  const speed = { stepSeconds: 0.5, sampleSeconds: 3 };
  expect(trainingSeconds(speed, 99, 50)).toBe(99 * 0.5 + 3);
  expect(trainingSeconds(speed, 0, 50)).toBe(0);
});
