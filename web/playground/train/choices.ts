/**
 * The few things a person chooses about a run in the page; the rest is the laptop preset
 * (settings.ts).
 */

import { taskOf, USUAL_TASK } from "../../../src/objectives/pretext/registry.ts";

/** The pretext task that the page offers. */
export const TASK = taskOf({ selfSupervision: USUAL_TASK })!.description;
/** What it is called in a sentence: `rotation`. */
export const TASK_NAME = TASK.title.toLowerCase();

/** Adversarial losses that are offered. */
export const LOSSES = ["hinge", "non-saturating", "wasserstein"] as const;

/** What a person chooses. */
export interface Choices {
  /** Whether the discriminator is taught the pretext task. */
  readonly task: boolean;
  /** `objective.loss`; of a run from elsewhere any one. */
  readonly loss: string;
  /** Whether the discriminator's layers are divided by their spectral norms. */
  readonly spectralNorm: boolean;
  /**
   * `training.augment`: what is done to all images that the discriminator sees, so that few of them
   * last longer.
   */
  readonly augment: string;
  /** Of both networks. */
  readonly width: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly steps: number;
  readonly seed: number;
  readonly device: TabDevice;
}

/** What may compute in a tab. */
export type TabDevice = "cpu" | "webgpu";

/** What is offered at first: shapes within half a minute on two cores (docs/playground.md). */
export const DEFAULT_CHOICES: Choices = {
  task: true,
  loss: "hinge",
  spectralNorm: true,
  augment: "none",
  width: 16,
  batchSize: 16,
  learningRate: 0.001,
  steps: 2000,
  seed: 0,
  device: "cpu",
};
/** Augmentation when it is switched on: all of DiffAugment. */
export const AUGMENTED = "colour,translation,cutout";
/** Most steps that the page offers. */
export const MAX_STEPS = 1_000_000;
export const WIDTHS = [8, 16, 32, 64] as const;
export const BATCHES = [16, 32, 64] as const;
export const RESOLUTION = 32;

/**
 * Steps from one grid of samples to the next in a new run: all of it stays in memory, so a long one
 * has no more of them than a short one.
 */
export const samplesEvery = (steps: number): number => Math.max(50, Math.round(steps / 200));
