/**
 * What an objective hands to the training loop: three programs that share state by name, and how
 * that state begins.
 *
 * State entries (all float32, flat): `NET/parameters`, `NET/adam/m`, `NET/adam/v`, `NET/buffers`
 * for NET = `generator` and `discriminator` (buffers: batch-norm running statistics, spectral-norm
 * vectors; absent when the network has none), and `generator/ema`, the moving average of the
 * generator's parameters. With gradient accumulation also `NET/gradient`: what the micro-batches of
 * an update have gathered so far, zeros between updates, and so no part of a checkpoint.
 */
import type { Program } from "../graph/program.ts";
import type { PenaltySchedule } from "./penalties/list.ts";
import type { DrawnFeed } from "./steps/draws.ts";

/**
 * Where one named tensor lies in its network's flat vector. Weights are OIHW (convolution) and
 * [out, in] (linear).
 */
export interface Slot {
  /** For example `generator/block1/conv1/kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** First element in the flat vector, in elements. */
  readonly offset: number;
}

/** The named tensors of one network, in the order of the flat vectors. */
export interface NetworkLayout {
  readonly parameters: readonly Slot[];
  readonly buffers: readonly Slot[];
}

/** The discriminator's step with a part of the penalties, and its accumulating form. */
export interface LazyPrograms {
  readonly discriminatorStep: Program;
  readonly accumulating: Program | undefined;
}

/** Penalties that are not in every update (Karras et al. 2020, lazy regularization). */
export interface LazyPenalties<T> {
  readonly schedule: PenaltySchedule;
  /** By the name of the penalties that are due, see `dueName`; that of all of them is missing. */
  readonly programs: Readonly<Record<string, T>>;
}

/**
 * The compiled form of a GAN under training. N = images of a pass (batch size / micro-batches), S =
 * image side, Z = latent size, K = classes. Feeds are float32 unless said otherwise; those in
 * brackets only where the settings ask for them. Drawn feeds are also listed in `draws`.
 *
 * - `discriminatorStep` feeds `images` uint8 [N, S, S, 3], [`labels` int64 [N]], `learningRate` []
 *   (already carrying Adam's bias correction), [`beta` []: weight of the rotation loss], [`lambda`
 *   []: weight of the penalty]; drawn: `latents` [N, Z], [`fakeLabels` int64 [N]], [`augmentReal`,
 *   `augmentFake` [N, R]], [`mixing` [N]], [`noise` [N, 3, S, S]]. Updates the discriminator, and
 *   the generator's running statistics. Results, all float32 []: `loss`, `lossReal`, `lossFake`,
 *   `real` (mean sigmoid of D on real images), `fake`, [`rotationLossReal`,
 *   `rotationAccuracyReal`], [`penalty`, not weighed; of a list one result for each, `penaltyR1`].
 * - `generatorStep` feeds `learningRate` [], `emaDecay` [], [`alpha` []: weight of the rotation
 *   loss], [`images`, `labels` as above, for a loss that pairs images]; drawn: `latents`,
 *   [`fakeLabels`], [`augmentFake`], [`augmentReal`]. Updates the generator and its moving average.
 *   Results: `loss`, `lossAdversarial`, `fake`, [`rotationLossFake`, `rotationAccuracyFake`].
 * - `lazy`: the discriminator's step with some of the penalties only, for updates between those in
 *   which all are due.
 * - `accumulating`: for all micro-batches of an update but the last; feeds and results as those of
 *   the steps, without `learningRate` and `emaDecay`.
 * - `sampler` feeds `latents` [M, Z], [`labels` int64 [M]]; result `images` uint8 [M, S, S, 3].
 *   Inference mode: running statistics. Reads `generator/parameters` (alias it to `generator/ema`
 *   for averaged weights) and `generator/buffers`.
 * - `scores`, the real/fake head alone: feeds `images` uint8 [M, S, S, 3], [`labels` int64 [M]];
 *   result `score` [M]. Inference mode. Traced and compiled only when called.
 * - `predictions`, for looking at single images: every image in all views
 *   (discriminator-program.ts). Traced and compiled only when called, as not every run keeps what
 *   it says.
 */
export interface Steps {
  readonly discriminatorStep: Program;
  readonly generatorStep: Program;
  readonly accumulating: Readonly<Record<"discriminatorStep" | "generatorStep", Program>> | undefined;
  readonly lazy?: LazyPenalties<LazyPrograms> | undefined;
  readonly sampler: Program;
  readonly predictions?: () => Program;
  readonly scores?: () => Program;
  /**
   * Gathers standing statistics (sampler.ts); undefined for a generator that has none. Traced and
   * compiled only when called.
   */
  readonly standing?: () => Program | undefined;
  readonly draws: Readonly<Record<"discriminatorStep" | "generatorStep", readonly DrawnFeed[]>>;
  readonly layout: { readonly generator: NetworkLayout; readonly discriminator: NetworkLayout };
  /** Freshly initialized state for `seed`: every entry the programs read. */
  initialState(seed: number): Record<string, Float32Array>;
}
