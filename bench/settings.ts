/** The training steps that are measured. */
import { paperSettings } from "../src/objectives/paper-settings.ts";
import type { StepSettings } from "../src/objectives/settings.ts";

export type Form = "compare_gan" | "mimicry";

/** Batch 64 at 32 × 32, n = 16 images rotated in four directions, Adam as in the paper. */
export function benchSettings(form: Form, generatorWidth: number, discriminatorWidth: number): StepSettings {
  const architecture = form === "compare_gan" ? "resnet-cifar" : "sngan-resnet";
  return paperSettings({
    generator: { architecture, width: generatorWidth },
    discriminator: { architecture, width: discriminatorWidth },
  });
}

/** Widths of the two networks. */
export interface Size {
  readonly generator: number;
  readonly discriminator: number;
}

/** The widths that are measured unless others are asked for; the last is the paper's. */
export const SIZES: readonly Size[] = [
  { generator: 32, discriminator: 32 },
  { generator: 64, discriminator: 64 },
  { generator: 256, discriminator: 128 },
];

/** `256/128` */
export const sizeName = (size: Size): string => `${size.generator}/${size.discriminator}`;

/** What is aimed at: how many times as fast as PyTorch in its default layout. */
export function speedBar(form: Form, size: Size): number {
  if (form === "mimicry") return 1.3;
  return { "32/32": 1.5, "64/64": 2, "256/128": 2.4 }[sizeName(size)] ?? 1.5;
}

/** Other aims: memory as a multiple of PyTorch's, and seconds. */
export const BARS = { memory: 1.4, firstStepSeconds: 3, helpSeconds: 0.3 } as const;
