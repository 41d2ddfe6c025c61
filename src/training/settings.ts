/**
 * What the training loop needs to know of a configuration. A structural part of the schema in
 * `config/`, so that a resolved configuration can be passed as it is, and the loop depends on
 * nothing else of it.
 */
import type { SelfSupervision } from "../objectives/pretext/registry.ts";
import type { ScheduleConfig } from "./loop/schedule.ts";

/** Distribution of the latent vectors: N(0, 1) or U(-1, 1), each component on its own. */
export type LatentDistribution = "normal" | "uniform";

/** The part of a resolved configuration that the loop reads. */
export interface LoopConfig {
  /** `classes`: number of classes of a conditional GAN, else 0. */
  readonly data: {
    readonly resolution: number;
    readonly classes: number;
    /** Whether every image is also trained on mirrored. */
    readonly mirror: boolean;
  };
  readonly generator: {
    readonly latentSize: number;
    readonly latentDistribution: LatentDistribution;
    readonly evaluationLatents: "as-training" | LatentDistribution;
    /**
     * What batch norms take for samples and metrics: the running statistics, or standing ones,
     * gathered for it.
     */
    readonly statistics: "running" | "standing";
    readonly standingSamples: number;
  };
  readonly objective: ScheduleConfig["objective"] & {
    readonly selfSupervision: SelfSupervision;
    readonly penaltyEvery: number;
  };
  readonly optimizer: ScheduleConfig["optimizer"];
  readonly training: ScheduleConfig["training"] & {
    readonly batchSize: number;
    /** Micro-batches that make up a batch. */
    readonly accumulate: number;
    /** Discriminator updates before each generator update. */
    readonly discIters: number;
    readonly seed: number;
    readonly checkpointEvery: number;
    readonly sampleEvery: number;
    readonly keepCheckpoints: number;
    /** How often the run may be rescued from a collapse; 0 unless given. */
    readonly rescue?: number;
  };
}

/** The distribution of latents for samples, exports and metrics. */
export function evaluationDistribution({ generator }: Pick<LoopConfig, "generator">): LatentDistribution {
  const { evaluationLatents, latentDistribution } = generator;
  return evaluationLatents === "as-training" ? latentDistribution : evaluationLatents;
}

/** A micro-batch of real images as the loop draws it. */
export interface RealBatch {
  /** uint8 [N, S, S, 3] */
  readonly images: Uint8Array;
  /** The class of each, [N], where the data has classes. */
  readonly labels?: Uint16Array | undefined;
}

/**
 * Images as the loop draws them, a micro-batch at a time, and a position that can be saved and put
 * back.
 */
export interface Batches<Position = unknown> {
  /** At once where the images are in memory; a promise where they are read from a disk. */
  next(): RealBatch | Promise<RealBatch>;
  /** JSON: behind the last batch that `next` gave, whatever has been read ahead. */
  save(): Position;
}
