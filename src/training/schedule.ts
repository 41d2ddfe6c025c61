/**
 * The numbers fed to the update graphs at every step. They are computed here, on the host, in float64: Adam's bias correction
 * 1 - b^t loses all its digits in float32 for small t and b2 = 0.999, and it costs nothing per step.
 *
 * Adam is TensorFlow's "epsilon hat" form (Kingma & Ba 2015, end of section 2): the correction is folded into the step size,
 * lr_t = lr · sqrt(1 - b2^t) / (1 - b1^t), and the graph computes p -= lr_t · m / (sqrt(v) + epsilon).
 */

/** What the schedules read of `optimizer` and `training`. */
export interface ScheduleConfig {
  readonly optimizer: {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly decay: "none" | "linear";
  };
  readonly training: { readonly steps: number; readonly ema: number; readonly emaStart: number };
}

/** The nominal learning rate of generator step `step` (counted from 0): constant, or falling linearly to 0 at the last step. */
export function learningRateAt(config: ScheduleConfig, step: number): number {
  const { learningRate, decay } = config.optimizer;
  if (decay === "none") return learningRate;
  return learningRate * Math.max(0, 1 - step / config.training.steps);
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
export function emaDecayAt(config: ScheduleConfig, step: number): number {
  return step < config.training.emaStart ? 0 : config.training.ema;
}
