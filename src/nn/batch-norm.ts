/**
 * Batch normalization (Ioffe and Szegedy 2015) as compare_gan and PyTorch do it: statistics over N,
 * H, W, biased variance for the normalization, a moving average of both for inference: r ← decay ·
 * r + (1 − decay) · batch.
 */
import { add, div, mean, mul, reshape, sqrt, sub, type Tensor } from "../graph/index.ts";
import { ones, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** The constants of a batch norm. */
export interface BatchNormOptions {
  readonly epsilon: number;
  /** Share of the old value in the moving averages; PyTorch's `momentum` is 1 − decay. */
  readonly decay: number;
  /** PyTorch keeps the unbiased variance in the moving average, compare_gan the biased one. */
  readonly unbiasedRunningVariance: boolean;
}

/** What a map is normalized with. */
export interface Statistics {
  /** [C] */
  readonly mean: Tensor;
  /** [C], biased. */
  readonly variance: Tensor;
}

/** Result and statistics of a normalization. */
export interface Normalized extends Statistics {
  readonly y: Tensor;
}

const perChannel = (v: Tensor): Tensor => reshape(v, [1, v.shape[0]!, 1, 1]);

/**
 * (x − mean) · scale + shift with scale = gamma / √(variance + epsilon), as one multiplication and
 * one addition. Gamma and beta are [C], or [N, C] where every image has its own.
 */
export function scaleAndShift(
  x: Tensor,
  { mean: mu, variance }: Statistics,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
): Tensor {
  const scale = div(gamma, sqrt(add(variance, epsilon)));
  const onMap = (v: Tensor): Tensor =>
    v.shape.length === 1 ? perChannel(v) : reshape(v, [...v.shape, 1, 1]);
  return add(mul(x, onMap(scale)), onMap(sub(beta, mul(mu, scale))));
}

/** Mean and variance of x [N, C, H, W] over N, H, W. */
function statisticsOf(x: Tensor): Statistics {
  const mu = mean(x, [0, 2, 3]);
  const centered = sub(x, perChannel(mu));
  return { mean: mu, variance: mean(mul(centered, centered), [0, 2, 3]) };
}

/**
 * Normalize x [N, C, H, W] with the statistics of the batch, then scale and shift by gamma and beta
 * [C].
 */
export function batchNormalize(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Normalized {
  const statistics = statisticsOf(x);
  return { y: scaleAndShift(x, statistics, gamma, beta, epsilon), ...statistics };
}

/**
 * The statistics a layer normalizes x [N, C, H, W] with: those of the batch while training, which
 * also moves the scope's averages; the averages at inference. Buffers `mean`, `variance` [C], 0 and
 * 1 to begin with.
 */
export function layerStatistics(scope: Scope, x: Tensor, options: BatchNormOptions): Statistics {
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  const running = { mean: scope.buffer("mean", [c], zeros), variance: scope.buffer("variance", [c], ones) };
  if (!scope.training) return running;

  const batch = statisticsOf(x);
  const count = n * h * w;
  const correction = options.unbiasedRunningVariance ? count / (count - 1) : 1;
  const kept = scope.runningMomentum ?? options.decay;
  const taken = scope.runningMomentum ? sub(1, scope.runningMomentum) : 1 - options.decay;
  const average = (old: Tensor, value: Tensor): Tensor => add(mul(old, kept), mul(value, taken));
  scope.update("mean", average(running.mean, batch.mean));
  scope.update("variance", average(running.variance, mul(batch.variance, correction)));
  return batch;
}

/**
 * The layer: x [N, C, H, W] → [N, C, H, W]; parameters gamma, beta [C]; buffers mean, variance [C].
 */
export function batchNorm(scope: Scope, x: Tensor, options: BatchNormOptions): Tensor {
  const channels = x.shape[1]!;
  const gamma = scope.parameter("gamma", [channels], ones);
  const beta = scope.parameter("beta", [channels], zeros);
  return scaleAndShift(x, layerStatistics(scope, x, options), gamma, beta, options.epsilon);
}
