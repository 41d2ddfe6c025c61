/** What the quality bench compares: recipes as changes of the default preset. A later entry changes one thing of an earlier one. */

/** One recipe. */
export interface Side {
  /** Values by configuration path. */
  readonly set: Readonly<Record<string, string | number | boolean>>;
  /** Values that are fractions of the length of the run, by path. */
  readonly schedule?: Readonly<Record<string, number>>;
}

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
const FALL = { "optimizer.decayStart": 0.5 };

const WGAN = {
  ...NO_SN,
  "objective.loss": "wasserstein",
  "objective.penalty": "wgan-gp",
  "objective.lambda": 10,
};
const RATE = { "optimizer.learningRate": 0.0005 };

export const SIDES: Readonly<Record<string, Side>> = {
  base: { set: {} },
  wgan: { set: { ...STANDING, ...WGAN, ...RATE } },
  "r3-g0.1": { set: { ...STANDING, ...R3, ...RATE, "objective.lambda": 0.1 } },
  "r3-g1": { set: { ...STANDING, ...R3, ...RATE, "objective.lambda": 1 } },
  "r3-g10": { set: { ...STANDING, ...R3, ...RATE, "objective.lambda": 10 } },
  "r3-g1-none": { set: { ...R3, ...RATE, "objective.lambda": 1, "generator.norm": "none" } },
  "r3-g1-b99": { set: { ...STANDING, ...R3, ...RATE, "objective.lambda": 1, "optimizer.beta2": 0.99 } },
  "r3-g1-pyr": { set: { ...STANDING, ...R3, ...RATE, ...PYRAMID, "objective.lambda": 1 } },
  "r3-g1-sbn": {
    set: { ...STANDING, ...R3, ...RATE, "objective.lambda": 1, "generator.norm": "self-modulated" },
  },
  "wgan-sbn": { set: { ...STANDING, ...WGAN, ...RATE, "generator.norm": "self-modulated" } },
  "base-sbn": { set: { ...STANDING, "generator.norm": "self-modulated" } },
  "r3-g1-slow": { set: { ...STANDING, ...R3, "objective.lambda": 1, "optimizer.learningRate": 0.0002 } },
  "r3-g1-sn": {
    set: { ...STANDING, ...R3, ...RATE, "objective.lambda": 1, "discriminator.spectralNorm": true },
  },
  rgp: {
    set: {
      ...STANDING,
      ...R3,
      ...RATE,
      "objective.penalty": "wgan-gp",
      "objective.lambda": 10,
      "objective.penaltyEvery": 1,
    },
  },
  "r3-e1-g10": { set: { ...STANDING, ...R3, ...RATE, "objective.lambda": 10, "objective.penaltyEvery": 1 } },
  "r3-e1-g1": { set: { ...STANDING, ...R3, ...RATE, "objective.lambda": 1, "objective.penaltyEvery": 1 } },
  "wgan-pyr": { set: { ...STANDING, ...WGAN, ...RATE, ...PYRAMID } },
};
void [FALLING, FALL];
