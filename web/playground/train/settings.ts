/** From the few choices of the page to a configuration: the laptop preset with these values. */
import preset from "../../../presets/laptop.yaml?raw";
import { RUN_SOURCE } from "../../../src/data/run-images.ts";
import { parseConfig } from "../../../src/training/config/check.ts";
import { parsePreset } from "../../../src/training/config/preset.ts";
import type { Config } from "../../../src/training/config/schema.ts";
import { type Choices, RESOLUTION, samplesEvery } from "./choices.ts";

/**
 * The configuration of a new run.
 * @param builtIn whether it trains on the images that come with the program, which the program in Node has too
 * @throws UserError when a value is out of range
 */
export function configOf(choices: Choices, builtIn: boolean): Config {
  const { width, batchSize, learningRate, steps, seed, device } = choices;
  return parseConfig(
    {
      ...parsePreset("laptop", preset).values,
      "data.source": builtIn ? null : RUN_SOURCE,
      "data.split": builtIn ? "train" : "all",
      "data.resolution": RESOLUTION,
      "generator.width": width,
      "discriminator.width": width,
      "objective.rotatedBatch": batchSize,
      "optimizer.learningRate": learningRate,
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
export const choicesOf = ({ generator, training, optimizer, engine }: Config): Choices => ({
  width: generator.width,
  batchSize: training.batchSize,
  learningRate: optimizer.learningRate,
  steps: training.steps,
  seed: training.seed,
  device: engine.device === "webgpu" ? "webgpu" : "cpu",
});
