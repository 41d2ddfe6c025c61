/** What the steps are built from. The configuration of a run (training/config) is assignable to it. */
import type { DiscriminatorOptions, GeneratorOptions } from "../models/model.ts";
import type { DiscriminatorName, GeneratorName } from "../models/registry.ts";
import type { AdversarialLossName } from "./adversarial.ts";

export interface StepSettings {
  readonly data: { readonly resolution: number };
  readonly generator: Omit<GeneratorOptions, "resolution"> & {
    readonly architecture: GeneratorName;
    readonly latentSize: number;
  };
  readonly discriminator: DiscriminatorOptions & { readonly architecture: DiscriminatorName };
  readonly objective: {
    readonly loss: AdversarialLossName;
    readonly selfSupervision: "rotation" | "none";
    /** Weight of the rotation loss for the generator. */
    readonly alpha: number;
    /** Weight of the rotation loss for the discriminator. */
    readonly beta: number;
    /** Images the rotation head sees of each kind: n = rotatedBatch / 4 images in four turns. */
    readonly rotatedBatch: number;
  };
  readonly optimizer: { readonly beta1: number; readonly beta2: number };
  readonly training: { readonly batchSize: number };
}
