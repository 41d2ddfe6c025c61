/**
 * What the steps are built from. The configuration of a run (training/config) is assignable to it.
 */
import type { DiscriminatorOptions, GeneratorOptions } from "../models/model.ts";
import type { DiscriminatorName, GeneratorName } from "../models/registry.ts";
import type { AdversarialLossName } from "./adversarial.ts";
import type { AdaptiveChoice } from "./augment/adaptive.ts";
import type { PenaltyName } from "./penalties/registry.ts";
import type { SelfSupervision } from "./pretext/registry.ts";

/**
 * How transformed images are shown. `all`: some images in all four turns (compare_gan). `one`: each
 * image in one of them, in a pass of its own (mimicry). For other tasks than rotation the same with
 * their transformations.
 */
export const TURN_CHOICES = ["all", "one"] as const;
export type TurnChoice = (typeof TURN_CHOICES)[number];

/**
 * How the discriminator is told the class. `predicted` and `predicted-soft`: by projection too,
 * where an image has no label of the class its own head predicts, or of all classes by their
 * predicted probabilities (S3GAN).
 */
export const CONDITIONINGS = ["none", "projection", "predicted", "predicted-soft"] as const;
export type Conditioning = (typeof CONDITIONINGS)[number];

/**
 * All that decides what the programs compute. What may change from step to step (rates, weights of
 * losses) is fed.
 */
export interface StepSettings {
  readonly data: {
    readonly resolution: number;
    /** Classes K of the data, where the networks are told the class; else 0. */
    readonly classes: number;
  };
  readonly generator: Omit<GeneratorOptions, "resolution"> & {
    readonly architecture: GeneratorName;
    readonly latentSize: number;
  };
  readonly discriminator: DiscriminatorOptions & {
    readonly architecture: DiscriminatorName;
    readonly conditioning: Conditioning;
    /** Blocks that are not trained, from the image on; none if left out. */
    readonly frozenBlocks?: number;
  };
  readonly objective: {
    readonly loss: AdversarialLossName;
    readonly selfSupervision: SelfSupervision;
    readonly turns: TurnChoice;
    /**
     * Images the pretext task sees of each kind. `all`: a quarter of them is taken from the batch,
     * each in four turns (1/K for a task of K transformations). `one`: all of them are taken, each
     * in one turn. A task that replaces the adversarial head sees the whole batch, whatever this
     * says.
     */
    readonly rotatedBatch: number;
    readonly penalty: PenaltyName;
    /** Updates of the discriminator from one with the penalty to the next. */
    readonly penaltyEvery: number;
    /**
     * Several penalties in place of `penalty`, as `penaltiesOf` reads them; `none` for that one.
     */
    readonly penalties: string;
    /** Auxiliary losses, as `auxiliaryTerms` reads them. */
    readonly auxiliary: string;
  };
  readonly optimizer: {
    readonly beta1: number;
    readonly beta2: number;
    /**
     * beta2 at the last step: the programs are then fed the one in force; a constant if null or
     * left out.
     */
    readonly beta2End?: number | null;
  };
  readonly training: {
    /** Upright images an update. */
    readonly batchSize: number;
    /** Micro-batches an update: each has batchSize / accumulate images. */
    readonly accumulate: number;
    /** Differentiable augmentations, as `augmentationsOf` reads them. */
    readonly augment: string;
    /** What is done more of as the discriminator overfits; nothing if left out. */
    readonly adaptive?: AdaptiveChoice;
    readonly adaptiveTarget?: number;
    readonly adaptiveImages?: number;
  };
}

/** What says whether the networks are told the class of an image. */
export interface ClassSettings {
  readonly generator: { readonly norm: string };
  readonly discriminator: { readonly conditioning: string };
}

/** Whether the networks are told the class of an image. */
export const usesClasses = (settings: ClassSettings): boolean =>
  settings.generator.norm === "conditional" || settings.discriminator.conditioning !== "none";

/** Whether the discriminator predicts classes of images without a label. */
export const predictsClasses = ({ discriminator }: Pick<ClassSettings, "discriminator">): boolean =>
  discriminator.conditioning === "predicted" || discriminator.conditioning === "predicted-soft";

/** Images in one pass of a step: the batch, or one of the micro-batches that make it up. */
export const microBatch = ({
  training,
}: {
  readonly training: Pick<StepSettings["training"], "batchSize" | "accumulate">;
}): number => training.batchSize / training.accumulate;
