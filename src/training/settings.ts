/**
 * What the training loop needs to know of a configuration. A structural part of the schema in `config/`, so that a resolved
 * configuration can be passed as it is, and the loop depends on nothing else of it.
 */

/** Distribution of the latent vectors: N(0, 1) or U(-1, 1), each component on its own. */
export type LatentDistribution = "normal" | "uniform";

/** The part of a resolved configuration that the loop reads. */
export interface LoopConfig {
  readonly data: { readonly resolution: number };
  readonly generator: { readonly latentSize: number; readonly latentDistribution: LatentDistribution };
  readonly optimizer: {
    /** Adam's step size, for both networks. */
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly decay: "none" | "linear";
  };
  readonly training: {
    /** Generator steps. */
    readonly steps: number;
    readonly batchSize: number;
    /** Discriminator updates before each generator update. */
    readonly discIters: number;
    readonly seed: number;
    /** Decay of the moving average of the generator's weights; 0 switches it off. */
    readonly ema: number;
    /** Generator steps during which the average simply follows the weights. */
    readonly emaStart: number;
    readonly checkpointEvery: number;
    readonly sampleEvery: number;
    readonly keepCheckpoints: number;
  };
}

/** One batch as the loop draws it: uint8 [N, S, S, 3]. */
export interface RealBatch {
  readonly images: Uint8Array;
}

/** Images as the loop draws them, and a position that can be saved and put back. */
export interface Batches<Position = unknown> {
  /** At once where the images are in memory; a promise where they are read from a disk. */
  next(): RealBatch | Promise<RealBatch>;
  /** JSON: behind the last batch that `next` gave, whatever has been read ahead. */
  save(): Position;
}
