/**
 * The paper's CIFAR-10 settings as a starting point for whatever builds steps without a run's
 * configuration: benchmarks, docs, tests.
 */
import type { StepSettings } from "./settings.ts";

/**
 * compare_gan's networks, hinge loss and rotation, batch 64 (paper §4; constants as in
 * training/config/schema.ts).
 */
export const PAPER_SETTINGS: StepSettings = {
  data: { resolution: 32, classes: 0 },
  generator: {
    architecture: "resnet-cifar",
    width: 256,
    norm: "batch",
    spectralNorm: false,
    hierarchicalLatent: false,
    latentSize: 128,
  },
  discriminator: {
    architecture: "resnet-cifar",
    width: 128,
    norm: "none",
    spectralNorm: true,
    conditioning: "none",
  },
  objective: {
    loss: "hinge",
    selfSupervision: "rotation",
    turns: "all",
    rotatedBatch: 64,
    penalty: "none",
    penaltyEvery: 1,
    penalties: "none",
    auxiliary: "none",
  },
  optimizer: { beta1: 0, beta2: 0.9 },
  training: { batchSize: 64, accumulate: 1, augment: "none" },
};

/** Any part of the settings; what is left out stays the paper's. */
export type SettingsOverrides = {
  readonly [Section in keyof StepSettings]?: Partial<StepSettings[Section]>;
};

/** The paper's settings with some of them replaced. */
export function paperSettings(overrides: SettingsOverrides = {}): StepSettings {
  const merged: [string, object][] = Object.entries(PAPER_SETTINGS).map(([section, values]) => [
    section,
    { ...values, ...overrides[section as keyof StepSettings] },
  ]);
  return Object.fromEntries(merged) as unknown as StepSettings;
}
