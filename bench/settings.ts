/** The training steps that are measured. */
import type { StepSettings } from "../src/objectives/settings.ts";

export type Form = "compare_gan" | "mimicry";

/** Batch 64 at 32 × 32, n = 16 images rotated in four directions, Adam as in the paper. */
export function benchSettings(form: Form, generatorWidth: number, discriminatorWidth: number): StepSettings {
  const architecture = form === "compare_gan" ? "resnet-cifar" : "sngan-resnet";
  return {
    data: { resolution: 32 },
    generator: { architecture, width: generatorWidth, norm: "batch", spectralNorm: false, latentSize: 128 },
    discriminator: { architecture, width: discriminatorWidth, spectralNorm: true },
    objective: { loss: "hinge", selfSupervision: "rotation", alpha: 0.2, beta: 1, rotatedBatch: 64 },
    optimizer: { beta1: 0, beta2: 0.9 },
    training: { batchSize: 64 },
  };
}
