/**
 * The numbers fed to the update graphs at every step. They are computed here, on the host, in
 * float64: Adam's bias correction 1 - b^t loses all its digits in float32 for small t and b2 =
 * 0.999, and it costs nothing per step.
 *
 * Adam is TensorFlow's "epsilon hat" form (Kingma & Ba 2015, end of section 2): the correction is
 * folded into the step size, lr_t = lr · sqrt(1 - b2^t) / (1 - b1^t), and the graph computes p -=
 * lr_t · m / (sqrt(v) + epsilon).
 */

/** How a learning rate changes over a run. */
export type Decay = "none" | "linear" | "cosine" | "exponential" | "staircase";

/**
 * The ways of a value from where it begins to where it ends: in a line, or along half a cosine,
 * slowly at both ends.
 */
export const CURVES = ["line", "cosine"] as const;
export type Curve = (typeof CURVES)[number];

/**
 * What the schedules read of `optimizer`, `training` and `objective`. Steps are generator steps.
 */
export interface ScheduleConfig {
  readonly optimizer: {
    readonly learningRate: number;
    /** The discriminator's; null: the same. */
    readonly discriminatorLearningRate: number | null;
    readonly beta1: number;
    readonly beta2: number;
    /** beta2 at the last step; null or left out: as at the first. */
    readonly beta2End?: number | null;
    readonly decay: Decay;
    /** Step until which nothing changes. */
    readonly decayStart: number;
    /** Factor for every `decayEvery` steps, exponential and staircase. */
    readonly decayRate: number;
    readonly decayEvery: number;
    /** Share of the learning rates that is left at the end, linear and cosine; 0 if left out. */
    readonly decayFloor?: number;
  };
  readonly objective: {
    readonly alpha: number;
    /** alpha at the last step; null: as at the first. */
    readonly alphaEnd: number | null;
    readonly beta: number;
    readonly betaEnd: number | null;
    readonly lambda: number;
    /** lambda at the last step; null or left out: as at the first. */
    readonly lambdaEnd?: number | null;
  };
  readonly training: {
    readonly steps: number;
    readonly batchSize: number;
    readonly ema: number;
    readonly emaStart: number;
    /**
     * Thousand images after which the average has forgotten half, at the last step, grown from 0;
     * null or left out: `ema` instead.
     */
    readonly emaHalfLife?: number | null;
    /** How all values with an end of their own get there; in a line if left out. */
    readonly curve?: Curve;
  };
}

/** Half a cosine: 0 at 0, 1 at 1, level at both. */
const halfCosine = (way: number): number => (1 - Math.cos(Math.PI * way)) / 2;

/**
 * How far values with an end of their own have come at step `step`: 0 at the first, 1 at the last.
 */
function wayAt({ steps, curve = "line" }: ScheduleConfig["training"], step: number): number {
  const way = steps > 1 ? Math.min(1, step / (steps - 1)) : 1;
  return curve === "cosine" ? halfCosine(way) : way;
}

const between = (start: number, end: number | null | undefined, way: number): number =>
  end === null || end === undefined ? start : start * (1 - way) + end * way;

/** What the learning rates of step `step` (counted from 0) are of the configured ones. */
export function decayAt({ optimizer, training }: ScheduleConfig, step: number): number {
  const { decay, decayStart, decayRate, decayEvery, decayFloor = 0 } = optimizer;
  const since = Math.max(0, step - decayStart);
  // To the floor after the last step. A start at or beyond the end leaves the rate as it is.
  const left = Math.max(0, 1 - since / Math.max(1, training.steps - decayStart));
  switch (decay) {
    case "none":
      return 1;
    case "linear":
      return decayFloor + (1 - decayFloor) * left;
    case "cosine":
      return decayFloor + (1 - decayFloor) * halfCosine(left);
    case "exponential":
      return decayRate ** (since / decayEvery);
    case "staircase":
      return decayRate ** Math.floor(since / decayEvery);
  }
}

/**
 * Nominal learning rates of generator step `step` (counted from 0), before Adam's bias correction.
 */
export function learningRatesAt(
  config: ScheduleConfig,
  step: number,
): { readonly generator: number; readonly discriminator: number } {
  const { learningRate, discriminatorLearningRate } = config.optimizer;
  const factor = decayAt(config, step);
  return {
    generator: learningRate * factor,
    discriminator: (discriminatorLearningRate ?? learningRate) * factor,
  };
}

/** Decay of Adam's second moments at generator step `step` (counted from 0). */
export const beta2At = (
  { optimizer, training }: Pick<ScheduleConfig, "optimizer" | "training">,
  step: number,
): number => between(optimizer.beta2, optimizer.beta2End, wayAt(training, step));

/**
 * The weights of losses at generator step `step` (counted from 0): alpha, beta and lambda, perhaps
 * on their way to an end of their own.
 */
export function weightsAt(
  { objective, training }: Pick<ScheduleConfig, "objective" | "training">,
  step: number,
): Readonly<Record<"alpha" | "beta" | "lambda", number>> {
  const way = wayAt(training, step);
  return {
    alpha: between(objective.alpha, objective.alphaEnd, way),
    beta: between(objective.beta, objective.betaEnd, way),
    lambda: between(objective.lambda, objective.lambdaEnd, way),
  };
}

/**
 * The step size for a network's `update`-th update (counted from 1), Adam's bias correction
 * included.
 * @throws RangeError when `update` is below 1
 */
export function biasCorrected(learningRate: number, beta1: number, beta2: number, update: number): number {
  if (!(update >= 1)) throw new RangeError(`Adam's updates count from 1, not ${update}`);
  return (learningRate * Math.sqrt(1 - beta2 ** update)) / (1 - beta1 ** update);
}

/**
 * Decay of the generator's moving average at step `step` (counted from 0): 0 (a copy) before
 * `emaStart`. With a half-life of H images and batches of N it is ½^(N / H), so that H images later
 * half of the average is new (Karras et al. 2018; R3GAN, training_loop.py).
 */
export function emaDecayAt({ training }: Pick<ScheduleConfig, "training">, step: number): number {
  const { ema, emaStart, emaHalfLife = null, batchSize } = training;
  if (step < emaStart) return 0;
  if (emaHalfLife === null) return ema;
  const images = between(0, 1000 * emaHalfLife, wayAt(training, step));
  return images > 0 ? 0.5 ** (batchSize / images) : 0;
}
