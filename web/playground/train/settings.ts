/** From the few choices of the page to a configuration: the laptop preset with these values. */
import preset from "../../../presets/laptop.yaml?raw";
import { RUN_SOURCE } from "../../../src/data/run-images.ts";
import { USUAL_TASK } from "../../../src/objectives/pretext/registry.ts";
import { parseConfig } from "../../../src/training/config/check.ts";
import { parsePreset } from "../../../src/training/config/preset.ts";
import type { Config } from "../../../src/training/config/schema.ts";
import { type Choices, RESOLUTION, samplesEvery } from "./choices.ts";

/**
 * A grid comes every few seconds here: statistics of averaged weights may not take as long as the
 * steps between.
 */
const STANDING_SAMPLES = 256;

/**
 * The configuration of a new run.
 * @param builtIn whether it trains on the images that come with the program, which the program in
 * Node has too
 * @throws UserError when a value is out of range
 */
export function configOf(choices: Choices, builtIn: boolean): Config {
  const { width, batchSize, learningRate, steps, seed, device, task, loss, spectralNorm, augment } = choices;
  return parseConfig(
    {
      ...parsePreset("laptop", preset).values,
      "data.source": builtIn ? null : RUN_SOURCE,
      "data.split": builtIn ? "train" : "all",
      "data.resolution": RESOLUTION,
      "generator.width": width,
      "discriminator.width": width,
      "generator.standingSamples": STANDING_SAMPLES,
      "discriminator.spectralNorm": spectralNorm,
      "objective.loss": loss,
      "objective.selfSupervision": task ? USUAL_TASK : "none",
      ...(task && { "objective.rotatedBatch": batchSize }),
      "optimizer.learningRate": learningRate,
      "training.augment": augment,
      "training.batchSize": batchSize,
      "training.steps": steps,
      "training.seed": seed,
      "training.sampleEvery": samplesEvery(steps),
      "training.checkpointEvery": Math.max(100, Math.round(steps / 100)),
      "training.keepCheckpoints": 1,
      "engine.device": device === "webgpu" ? "webgpu" : "auto",
    },
    () => "the settings",
  );
}

/** The choices that a configuration was made from, to show them. */
export const choicesOf = (config: Config): Choices => {
  const { generator, discriminator, objective, training, optimizer, engine } = config;
  return {
    task: objective.selfSupervision !== "none",
    loss: objective.loss,
    spectralNorm: discriminator.spectralNorm,
    augment: training.augment,
    width: generator.width,
    batchSize: training.batchSize,
    learningRate: optimizer.learningRate,
    steps: training.steps,
    seed: training.seed,
    device: engine.device === "webgpu" ? "webgpu" : "cpu",
  };
};
