/** The few things a person chooses about a run in the page; the rest is the laptop preset (settings.ts). */

/** What a person chooses. */
export interface Choices {
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

/** What is offered at first: an image of some sort after minutes, on one thread. */
export const DEFAULT_CHOICES: Choices = {
  width: 16,
  batchSize: 32,
  learningRate: 0.001,
  steps: 2000,
  seed: 0,
  device: "cpu",
};
/** Most steps that the page offers. */
export const MOST_STEPS = 1_000_000;
export const WIDTHS = [8, 16, 32, 64] as const;
export const BATCHES = [16, 32, 64] as const;
export const RESOLUTION = 32;

/** Steps from one grid of samples to the next in a new run: all of it stays in memory, so a long one has no more of them than a short one. */
export const samplesEvery = (steps: number): number => Math.max(50, Math.round(steps / 200));
