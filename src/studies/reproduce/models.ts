/** The four models of table 1, which other tables and figures share. */
import type { ModelSpec } from "./plan.ts";
import type { Model } from "./published.ts";

/** By their names in the paper. */
export const MAIN_MODELS: Readonly<Record<Model, ModelSpec>> = {
  "Uncond-GAN": { label: "Uncond-GAN", preset: "paper/cifar10/uncond", seeds: "main" },
  "Cond-GAN": { label: "Cond-GAN", preset: "paper/cifar10/cond", seeds: "side" },
  "SS-GAN": { label: "SS-GAN", preset: "paper/cifar10/ssgan", seeds: "main" },
  "SS-GAN (sBN)": { label: "SS-GAN (sBN)", preset: "paper/cifar10/ssgan-sbn", seeds: "side" },
};
