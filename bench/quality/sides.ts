/**
 * What the quality bench compares: recipes as changes of the default preset. A later entry changes
 * one thing of an earlier one.
 */

/** A recipe that is compared with others. */
export interface Side {
  /** Values by configuration path. */
  readonly set: Readonly<Record<string, string | number | boolean>>;
  /** Values that are fractions of the length of the run, by path. */
  readonly schedule?: Readonly<Record<string, number>>;
  /** In which share of the run the moving average forgets half. */
  readonly halfLife?: number;
  /**
   * Whether no preset is named, so that game, networks and augmentation are chosen by the images,
   * as `train FOLDER` does.
   */
  readonly chosen?: boolean;
}

/** The default preset as it was before docs/quality.md, in what has changed since. */
const BASE = {
  "training.batchSize": 64,
  "objective.rotatedBatch": 64,
  "training.ema": 0.99,
  "training.emaStart": 100,
  "optimizer.decay": "none",
  "generator.statistics": "running",
};
const STANDING = { "generator.statistics": "standing", "generator.standingSamples": 1024 };
const NO_SN = { "discriminator.spectralNorm": false };
const R3 = {
  ...NO_SN,
  "objective.loss": "relativistic",
  "objective.penalty": "r1-r2",
  "objective.penaltyEvery": 4,
};
const PYRAMID = {
  "generator.architecture": "pyramid",
  "discriminator.architecture": "pyramid",
  "generator.width": 32,
  "discriminator.width": 32,
};
const FALLING = { "optimizer.decay": "linear" };
/**
 * With the length of the run: the learning rate falls from half-way on; the average starts after 2
 * % and forgets half in 3 %.
 */
const FALL = { "optimizer.decayStart": 0.5, "training.emaStart": 0.02 };
const HALF_LIFE = 0.03;

const WGAN = {
  ...NO_SN,
  "objective.loss": "wasserstein",
  "objective.penalty": "wgan-gp",
  "objective.lambda": 10,
};
const RATE = { "optimizer.learningRate": 0.0005 };

const HALF_BATCH = { "training.batchSize": 32, "objective.rotatedBatch": 32 };
const QUARTER_BATCH = { "training.batchSize": 16, "objective.rotatedBatch": 16 };
const SPREAD = { "discriminator.batchSpread": true };
const WSN = { "objective.loss": "wasserstein" };

/** What `train FOLDER` does now; lengths that `--time` would plan are given as it gives them. */
const TODAY = { schedule: FALL, halfLife: HALF_LIFE, chosen: true };

/**
 * Recipes by name. `default`: the preset's values as they stand; `today`: what a folder gets,
 * whatever its images are.
 */
export const SIDES: Readonly<Record<string, Side>> = {
  default: { set: {} },
  today: { set: {}, ...TODAY },
  "today-plain": { set: { "objective.selfSupervision": "none" }, ...TODAY },
  "today-bf16": { set: { "engine.precision": "bfloat16" }, ...TODAY },
  "today-bf16-plain": {
    set: { "engine.precision": "bfloat16", "objective.selfSupervision": "none" },
    ...TODAY,
  },
  base: { set: { ...BASE } },
  wgan: { set: { ...BASE, ...STANDING, ...WGAN, ...RATE } },
  wsn: { set: { ...BASE, ...STANDING, ...WSN } },
  "wsn-5": { set: { ...BASE, ...STANDING, ...WSN, ...RATE } },
  "base-ttur": {
    set: {
      ...BASE,
      ...STANDING,
      "optimizer.learningRate": 0.0003,
      "optimizer.discriminatorLearningRate": 0.002,
    },
  },
  "wsn-ttur": {
    set: {
      ...BASE,
      ...STANDING,
      ...WSN,
      "optimizer.learningRate": 0.0003,
      "optimizer.discriminatorLearningRate": 0.001,
    },
  },
  "base-spread": { set: { ...BASE, ...STANDING, ...SPREAD } },
  "base-pyr-spread": { set: { ...BASE, ...STANDING, ...SPREAD, ...PYRAMID } },
  "wsn-spread": { set: { ...BASE, ...STANDING, ...SPREAD, ...WSN } },
  "r3-spread": { set: { ...BASE, ...STANDING, ...SPREAD, ...R3, ...RATE, "objective.lambda": 1 } },
  "wgan-spread": { set: { ...BASE, ...STANDING, ...SPREAD, ...WGAN, ...RATE } },
  "wgan-lr10": { set: { ...BASE, ...STANDING, ...WGAN, "optimizer.learningRate": 0.001 } },
  "wgan-pyr-lr10": { set: { ...BASE, ...STANDING, ...WGAN, ...PYRAMID, "optimizer.learningRate": 0.001 } },
  "wgan-none": { set: { ...BASE, ...WGAN, ...RATE, "generator.norm": "none" } },
  "wgan-b32": {
    set: { ...BASE, ...STANDING, ...WGAN, ...RATE, "training.batchSize": 32, "objective.rotatedBatch": 32 },
  },
  hd: { set: { ...BASE, ...STANDING, ...FALLING }, schedule: FALL, halfLife: HALF_LIFE },
  "hd-pyr": { set: { ...BASE, ...STANDING, ...FALLING, ...PYRAMID }, schedule: FALL, halfLife: HALF_LIFE },
  "hd-pyr-aug": {
    set: { ...BASE, ...STANDING, ...FALLING, ...PYRAMID, "training.augment": "translation,cutout" },
    schedule: FALL,
    halfLife: HALF_LIFE,
  },
  "hd-pyr-sbn": {
    set: { ...BASE, ...STANDING, ...FALLING, ...PYRAMID, "generator.norm": "self-modulated" },
    schedule: FALL,
    halfLife: HALF_LIFE,
  },
  wd: {
    set: { ...BASE, ...STANDING, ...FALLING, ...WGAN, "optimizer.learningRate": 0.001 },
    schedule: FALL,
    halfLife: HALF_LIFE,
  },
  "wd-ttur": {
    set: {
      ...BASE,
      ...STANDING,
      ...FALLING,
      ...WGAN,
      "optimizer.learningRate": 0.0005,
      "optimizer.discriminatorLearningRate": 0.001,
    },
    schedule: FALL,
    halfLife: HALF_LIFE,
  },
  "wd-pyr": {
    set: { ...BASE, ...STANDING, ...FALLING, ...PYRAMID, ...WGAN, ...RATE },
    schedule: FALL,
    halfLife: HALF_LIFE,
  },
  "hd-b32": { set: { ...BASE, ...STANDING, ...FALLING, ...HALF_BATCH }, schedule: FALL, halfLife: HALF_LIFE },
  "hd-pyr-b32": {
    set: { ...BASE, ...STANDING, ...FALLING, ...PYRAMID, ...HALF_BATCH },
    schedule: FALL,
    halfLife: HALF_LIFE,
  },
  "wd-b16": {
    set: { ...BASE, ...STANDING, ...FALLING, ...WGAN, ...QUARTER_BATCH, ...RATE },
    schedule: FALL,
    halfLife: HALF_LIFE,
  },
  "hd-b16": {
    set: { ...BASE, ...STANDING, ...FALLING, "training.batchSize": 16, "objective.rotatedBatch": 16 },
    schedule: FALL,
    halfLife: HALF_LIFE,
  },
  "wd-b32": {
    set: { ...BASE, ...STANDING, ...FALLING, ...WGAN, ...HALF_BATCH, ...RATE },
    schedule: FALL,
    halfLife: HALF_LIFE,
  },
  "wd-pyr-b32": {
    set: { ...BASE, ...STANDING, ...FALLING, ...WGAN, ...PYRAMID, ...HALF_BATCH, ...RATE },
    schedule: FALL,
    halfLife: HALF_LIFE,
  },
  "wgan-pyr": { set: { ...BASE, ...STANDING, ...WGAN, ...RATE, ...PYRAMID } },
  "r3-g1": { set: { ...BASE, ...STANDING, ...R3, ...RATE, "objective.lambda": 1 } },
};
