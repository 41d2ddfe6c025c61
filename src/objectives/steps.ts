/**
 * What an objective hands to the training loop: three programs that share state by name, and how that state begins.
 *
 * State entries (all float32, flat): `NET/parameters`, `NET/adam/m`, `NET/adam/v`, `NET/buffers` for NET = `generator` and
 * `discriminator` (buffers: batch-norm running statistics, spectral-norm vectors; absent when the network has none), and
 * `generator/ema`, the moving average of the generator's parameters.
 */
import type { Program } from "../graph/program.ts";

/** Where one named tensor lies in its network's flat vector. Weights are OIHW (convolution) and [out, in] (linear). */
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

/**
 * The compiled form of a GAN under training. N = batch size, S = image side, Z = latent size.
 *
 * - `discriminatorStep` feeds `images` uint8 [N, S, S, 3], `latents` float32 [N, Z], `learningRate` float32 [] (already carrying
 *   Adam's bias correction); updates the discriminator, and the generator's running statistics.
 *   Results, all float32 []: `loss`, `lossReal`, `lossFake`, `rotationLossReal`, `rotationAccuracyReal`,
 *   `real` (mean sigmoid of D on real images), `fake`; the rotation results only with self-supervision.
 * - `generatorStep` feeds `latents` [N, Z], `learningRate` [], `emaDecay` []; updates the generator and its moving average.
 *   Results: `loss`, `lossAdversarial`, `rotationLossFake`, `rotationAccuracyFake`, `fake`.
 * - `sampler` feeds `latents` [M, Z]; result `images` uint8 [M, S, S, 3]. Inference mode: running statistics. Reads
 *   `generator/parameters` (alias it to `generator/ema` for averaged weights) and `generator/buffers`.
 */
export interface Steps {
  readonly discriminatorStep: Program;
  readonly generatorStep: Program;
  readonly sampler: Program;
  readonly layout: { readonly generator: NetworkLayout; readonly discriminator: NetworkLayout };
  /** Freshly initialised state for `seed`: every entry the programs read. */
  initialState(seed: number): Record<string, Float32Array>;
}
