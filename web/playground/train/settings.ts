/** From the few choices of the page to a configuration: the laptop preset with these values. */
import preset from "../../../presets/laptop.yaml?raw";
import { RUN_SOURCE } from "../../../src/data/run-images.ts";
import { parseConfig } from "../../../src/training/config/check.ts";
import { parsePreset } from "../../../src/training/config/preset.ts";
import type { Config } from "../../../src/training/config/schema.ts";

/** What a person chooses. */
export interface Choices {
  /** Of both networks. */
  readonly width: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly steps: number;
  readonly seed: number;
}

/** What is offered at first: an image of some sort after minutes, on one thread. */
export const DEFAULT_CHOICES: Choices = {
  width: 16,
  batchSize: 32,
  learningRate: 0.001,
  steps: 2000,
  seed: 0,
};
export const WIDTHS = [8, 16, 32, 64] as const;
export const BATCHES = [16, 32, 64] as const;
export const RESOLUTION = 32;

/**
 * The configuration of a new run.
 * @param builtIn whether it trains on the images that come with the program, which the program in Node has too
 * @throws UserError when a value is out of range
 */
export function configOf(choices: Choices, builtIn: boolean): Config {
  const { width, batchSize, learningRate, steps, seed } = choices;
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
      "training.sampleEvery": 50,
      "training.checkpointEvery": 100,
      "training.keepCheckpoints": 1,
    },
    () => "the settings",
  );
}

/** The choices that a configuration was made from, to show them. */
export const choicesOf = ({ generator, training, optimizer }: Config): Choices => ({
  width: generator.width,
  batchSize: training.batchSize,
  learningRate: optimizer.learningRate,
  steps: training.steps,
  seed: training.seed,
});
