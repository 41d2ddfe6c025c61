/**
 * Batch norms whose gamma and beta are computed for every image: from its latent vector
 * (self-modulation, Chen et al. 2019) or from its class (conditional batch norm, Dumoulin et al.
 * 2017). Statistics and moving averages are those of the plain layer.
 */
import { add, concat, relu, type Tensor } from "../graph/index.ts";
import { type BatchNormOptions, layerStatistics, scaleAndShift } from "./batch-norm.ts";
import { normal, ones, zeros } from "./initializers.ts";
import { linear, linearMap } from "./linear.ts";
import type { Initializer, Scope } from "./scope.ts";

/**
 * The constants of the normalization, and whether the kernels that make gamma and beta are
 * spectrally normalized.
 */
export interface ModulationOptions extends BatchNormOptions {
  readonly spectralNorm: boolean;
}

/** Units of the hidden layer of a self-modulated norm (compare_gan's `num_hidden`). */
const HIDDEN = 32;
const STDDEV = 0.02;

/**
 * x [N, C, H, W] and latents z [N, Z] → [N, C, H, W], with h = relu(W z + b) of 32 units and gamma
 * and beta linear in h. compare_gan's beginning: kernels N(0, 0.02²), biases 0, but for gamma's,
 * which is 1, so that the layer begins as a plain one. Parameters `hidden/kernel` [32, Z],
 * `gamma/kernel`, `beta/kernel` [C, 32], with biases.
 */
export function selfModulatedBatchNorm(
  scope: Scope,
  x: Tensor,
  z: Tensor,
  options: ModulationOptions,
): Tensor {
  const channels = x.shape[1]!;
  const weights = (bias: Initializer) => ({
    kernel: normal(STDDEV),
    bias: () => bias,
    spectralNorm: options.spectralNorm,
  });
  const hidden = relu(linear(scope.child("hidden"), z, HIDDEN, weights(zeros)));
  const gamma = linear(scope.child("gamma"), hidden, channels, weights(ones));
  const beta = linear(scope.child("beta"), hidden, channels, weights(zeros));
  return scaleAndShift(x, layerStatistics(scope, x, options), gamma, beta, options.epsilon);
}

/** A chunk [N, Z'] of the latent vector, where there is one, before the classes [N, K]. */
const conditionOf = (classes: Tensor, chunk: Tensor | undefined): Tensor =>
  chunk ? concat([chunk, classes], 1) : classes;

/** N(1, 0.02²) in the last `classes` columns, one a class, and N(0, 0.02²) in those before. */
const gammaKernel =
  (classes: number): Initializer =>
  (shape, random) => {
    const [rows = 0, columns = 0] = shape;
    return Float32Array.from(
      { length: rows * columns },
      (_, i) => STDDEV * random.normal() + (i % columns >= columns - classes ? 1 : 0),
    );
  };

/**
 * x [N, C, H, W] and one-hot classes [N, K] → [N, C, H, W]: a gamma and a beta for each class,
 * without biases. A `chunk` [N, Z'] of the latent vector is put before the classes (compare_gan's
 * `hierarchical_z`). Parameters `gamma/kernel`, `beta/kernel` [C, Z' + K]. compare_gan begins with
 * gammas around 0, at which the signal all but vanishes; here they begin around 1 and betas at 0,
 * as in mimicry. Under spectral normalization betas begin at N(0, 0.02²).
 */
export function conditionalBatchNorm(
  scope: Scope,
  x: Tensor,
  classes: Tensor,
  chunk: Tensor | undefined,
  options: ModulationOptions,
): Tensor {
  const channels = x.shape[1]!;
  const { spectralNorm } = options;
  const condition = conditionOf(classes, chunk);
  const kernel = gammaKernel(classes.shape[1]!);
  const gamma = linearMap(scope.child("gamma"), condition, channels, { kernel, spectralNorm });
  // A kernel of zeros has no spectral norm to be divided by.
  const betaKernel = spectralNorm ? normal(STDDEV) : zeros;
  const beta = linearMap(scope.child("beta"), condition, channels, { kernel: betaKernel, spectralNorm });
  return scaleAndShift(x, layerStatistics(scope, x, options), gamma, beta, options.epsilon);
}

/**
 * The conditional norm of BigGAN (Brock et al. 2019), whose classes are an embedding [N, E] that
 * all norms of a network share: gamma is 1 + W c and beta V c, for the condition c of the embedding
 * and, before it, a chunk [N, Z'] of the latent vector. x [N, C, H, W] → [N, C, H, W]. Parameters
 * `gamma/kernel`, `beta/kernel` [C, Z' + E], which begin by `kernel`; no biases.
 */
export function embeddedBatchNorm(
  scope: Scope,
  x: Tensor,
  embedding: Tensor,
  chunk: Tensor | undefined,
  options: ModulationOptions & { readonly kernel: Initializer },
): Tensor {
  const condition = conditionOf(embedding, chunk);
  const gamma = add(linearMap(scope.child("gamma"), condition, x.shape[1]!, options), 1);
  const beta = linearMap(scope.child("beta"), condition, x.shape[1]!, options);
  return scaleAndShift(x, layerStatistics(scope, x, options), gamma, beta, options.epsilon);
}
