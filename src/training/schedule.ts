/**
 * The numbers fed to the update graphs at every step. They are computed here, on the host, in float64: Adam's bias correction
 * 1 - b^t loses all its digits in float32 for small t and b2 = 0.999, and it costs nothing per step.
 *
 * Adam is TensorFlow's "epsilon hat" form (Kingma & Ba 2015, end of section 2): the correction is folded into the step size,
 * lr_t = lr · sqrt(1 - b2^t) / (1 - b1^t), and the graph computes p -= lr_t · m / (sqrt(v) + epsilon).
 */

/** How a learning rate changes over a run. */
export type Decay = "none" | "linear" | "exponential" | "staircase";

/** What the schedules read of `optimizer`, `training` and `objective`. Steps are generator steps. */
export interface ScheduleConfig {
  readonly optimizer: {
    readonly learningRate: number;
    /** The discriminator's; null: the same. */
    readonly discriminatorLearningRate: number | null;
    readonly beta1: number;
    readonly beta2: number;
    readonly decay: Decay;
    /** Step until which nothing changes. */
    readonly decayStart: number;
    /** Factor for every `decayEvery` steps, exponential and staircase. */
    readonly decayRate: number;
    readonly decayEvery: number;
  };
  readonly objective: {
    readonly alpha: number;
    /** alpha at the last step; null: as at the first. */
    readonly alphaEnd: number | null;
    readonly beta: number;
    readonly betaEnd: number | null;
    readonly lambda: number;
  };
  readonly training: { readonly steps: number; readonly ema: number; readonly emaStart: number };
}

/** What the learning rates of step `step` (counted from 0) are of the configured ones. */
export function decayAt({ optimizer, training }: ScheduleConfig, step: number): number {
  const { decay, decayStart, decayRate, decayEvery } = optimizer;
  const since = Math.max(0, step - decayStart);
  switch (decay) {
    case "none":
      return 1;
    case "linear":
      // To 0 after the last step. A start at or beyond the end leaves the rate as it is.
      return Math.max(0, 1 - since / Math.max(1, training.steps - decayStart));
    case "exponential":
      return decayRate ** (since / decayEvery);
    case "staircase":
      return decayRate ** Math.floor(since / decayEvery);
  }
}

/** Nominal learning rates of generator step `step` (counted from 0), before Adam's bias correction. */
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

/** The weights of losses at generator step `step` (counted from 0): alpha, beta (perhaps on their way in a line) and lambda. */
export function weightsAt(
  { objective, training }: Pick<ScheduleConfig, "objective" | "training">,
  step: number,
): Readonly<Record<"alpha" | "beta" | "lambda", number>> {
  // 0 at the first step and 1 at the last.
  const way = training.steps > 1 ? Math.min(1, step / (training.steps - 1)) : 1;
  const between = (start: number, end: number | null): number =>
    end === null ? start : start * (1 - way) + end * way;
  return {
    alpha: between(objective.alpha, objective.alphaEnd),
    beta: between(objective.beta, objective.betaEnd),
    lambda: objective.lambda,
  };
}

/**
 * The step size for a network's `update`-th update (counted from 1), Adam's bias correction included.
 * @throws RangeError when `update` is below 1
 */
export function biasCorrected(learningRate: number, beta1: number, beta2: number, update: number): number {
  if (!(update >= 1)) throw new RangeError(`Adam's updates count from 1, not ${update}`);
  return (learningRate * Math.sqrt(1 - beta2 ** update)) / (1 - beta1 ** update);
}

/** Decay of the generator's moving average at step `step` (counted from 0): 0 (a copy) before `emaStart`. */
export function emaDecayAt({ training }: Pick<ScheduleConfig, "training">, step: number): number {
  return step < training.emaStart ? 0 : training.ema;
}
