/** Settings of training steps so small that a test computes them in milliseconds. */
import type { SettingsOverrides } from "../paper-settings.ts";

/** The same value for both networks. */
export const both = <T>(value: T) => ({ generator: value, discriminator: value });

/**
 * Overrides of the paper's settings with narrow networks and few images.
 * @param size channels of both networks, and images of a batch, as many of them in the rotation
 * task
 */
export const smallSettings = (
  overrides: SettingsOverrides,
  { width, batch }: { readonly width: number; readonly batch: number },
  resolution = 32,
): SettingsOverrides => ({
  ...overrides,
  data: { resolution, ...overrides.data },
  generator: { width, latentSize: 12, ...overrides.generator },
  discriminator: { width, ...overrides.discriminator },
  objective: { rotatedBatch: batch, ...overrides.objective },
  training: { batchSize: batch, ...overrides.training },
});
