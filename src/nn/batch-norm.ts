/**
 * Batch normalization (Ioffe and Szegedy 2015) as compare_gan and PyTorch do it: statistics over N, H, W, biased variance for the
 * normalisation, a moving average of both for inference: r ← decay · r + (1 − decay) · batch.
 */
import { add, div, mean, mul, reshape, sqrt, sub, type Tensor } from "../graph/index.ts";
import { ones, zeros } from "./initialisers.ts";
import type { Scope } from "./scope.ts";

/** The constants of a batch norm. */
export interface BatchNormOptions {
  readonly epsilon: number;
  /** Share of the old value in the moving averages; PyTorch's `momentum` is 1 − decay. */
  readonly decay: number;
  /** PyTorch keeps the unbiased variance in the moving average, compare_gan the biased one. */
  readonly unbiasedRunningVariance: boolean;
}

/** Result and statistics of a normalisation. */
export interface Normalised {
  readonly y: Tensor;
  /** [C] */
  readonly mean: Tensor;
  /** [C], biased. */
  readonly variance: Tensor;
}

const perChannel = (v: Tensor): Tensor => reshape(v, [1, v.shape[0]!, 1, 1]);

/** (x − mean) · scale + shift with scale = gamma / √(variance + epsilon), as one multiplication and one addition. */
function affine(
  x: Tensor,
  mu: Tensor,
  variance: Tensor,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
): Tensor {
  const scale = div(gamma, sqrt(add(variance, epsilon)));
  return add(mul(x, perChannel(scale)), perChannel(sub(beta, mul(mu, scale))));
}

/** Normalise x [N, C, H, W] with the statistics of the batch, then scale and shift by gamma and beta [C]. */
export function batchNormalise(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Normalised {
  const mu = mean(x, [0, 2, 3]);
  const centred = sub(x, perChannel(mu));
  const variance = mean(mul(centred, centred), [0, 2, 3]);
  return { y: affine(x, mu, variance, gamma, beta, epsilon), mean: mu, variance };
}

/** The layer: x [N, C, H, W] → [N, C, H, W]; parameters gamma, beta [C]; buffers mean, variance [C]. */
export function batchNorm(scope: Scope, x: Tensor, options: BatchNormOptions): Tensor {
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  const gamma = scope.parameter("gamma", [c], ones);
  const beta = scope.parameter("beta", [c], zeros);
  const runningMean = scope.buffer("mean", [c], zeros);
  const runningVariance = scope.buffer("variance", [c], ones);
  if (!scope.training) return affine(x, runningMean, runningVariance, gamma, beta, options.epsilon);

  const result = batchNormalise(x, gamma, beta, options.epsilon);
  const count = n * h * w;
  const correction = options.unbiasedRunningVariance ? count / (count - 1) : 1;
  const average = (old: Tensor, value: Tensor): Tensor =>
    add(mul(old, options.decay), mul(value, 1 - options.decay));
  scope.update("mean", average(runningMean, result.mean));
  scope.update("variance", average(runningVariance, mul(result.variance, correction)));
  return result.y;
}
