/**
 * How a run fills the time it is given. What a step costs is measured on the machine as it is; from
 * that follow the number of steps and all values that belong to the length of a run. Pure: the
 * measuring is passed in as numbers.
 */

import { UserError } from "../base/errors.ts";
import { option } from "../base/option-names.ts";
import { formatCount, percent } from "../base/text/format/index.ts";
import type { Speed } from "./estimate.ts";

/** A planned value, and why it is what it is. */
export interface PlannedValue {
  readonly path: PlannedPath;
  readonly value: number | string | boolean;
  readonly reason: string;
}

/** Values that belong to the length of a run. */
export const TIMED = [
  "training.steps",
  "training.ema",
  "training.emaStart",
  "training.sampleEvery",
  "training.checkpointEvery",
  "optimizer.decayStart",
] as const;

/** Values of the adversarial game, which are chosen together or not at all. */
export const GAME = [
  "objective.loss",
  "objective.penalty",
  "objective.lambda",
  "discriminator.spectralNorm",
  "optimizer.learningRate",
] as const;

/** Values of the networks' shape, which are chosen together or not at all. */
export const NETWORKS = ["generator.architecture", "discriminator.architecture"] as const;

/** Values that are chosen by the images and their size. */
export const CHOSEN = [...GAME, ...NETWORKS, "training.augment"] as const;
export type PlannedPath = (typeof TIMED)[number] | (typeof CHOSEN)[number];

/** Fewer steps than this show nothing that belongs to the images. */
export const FEWEST_STEPS = 100;
/** Fewer steps than this show shapes and colors at best. */
export const FEW_STEPS = 1500;

/** Grids of samples along a run: enough to watch. */
const GRIDS = 40;
/**
 * Where a grid takes long there are fewer, so that they take a tenth of the time; the first and the
 * last are always there.
 */
const SHARE_FOR_GRIDS = 0.1;
const FEWEST_GRIDS = 2;
/** Seconds of work that a power cut may cost. */
const BETWEEN_CHECKPOINTS = 120;
/** The average forgets half in this share of the run. */
const HALF_LIFE = 0.03;
/** From this share of the run on the learning rate falls. */
const CONSTANT_SHARE = 0.5;

/**
 * Which networks suit a side of images. At 64 pixels and more a narrow copy of the default's
 * networks, whose width is that of the first map, would paint from the narrowest of its maps.
 */
export function networksFor(resolution: number): PlannedValue[] {
  if (resolution < 64) return [];
  const reason = `at ${resolution} pixels: the width is that of the map the picture is made on`;
  return NETWORKS.map((path) => ({ path, value: "pyramid", reason }));
}

/** From how many showings of every image on which augmentation is used (Zhao et al. 2020). */
const AUGMENTATIONS = [
  { from: 400, augment: "colour,translation,cutout" },
  { from: 100, augment: "translation,cutout" },
] as const;

/**
 * Which differentiable augmentation suits a run: a discriminator that sees the same images often
 * learns them by heart, one that sees them seldom learns more from them as they are.
 * @param images how many there are @param shown how many are shown in all: steps · batch size
 */
export function augmentationFor(images: number, shown: number): PlannedValue {
  const times = Math.round(shown / images);
  const chosen = AUGMENTATIONS.find(({ from }) => times >= from);
  const seen = `each of ${formatCount(images)} images is shown ${formatCount(times)} times`;
  return {
    path: "training.augment",
    value: chosen?.augment ?? "none",
    reason: chosen ? `${seen}: it would be learned by heart` : `${seen}, too seldom to be learned by heart`,
  };
}

/** The game that kept drawings apart where the hinge loss collapsed (docs/quality.md). */
export const WASSERSTEIN = {
  "objective.loss": "wasserstein",
  "objective.penalty": "wgan-gp",
  "objective.lambda": 10,
  "discriminator.spectralNorm": false,
  "optimizer.learningRate": 0.0005,
} as const satisfies Readonly<Record<(typeof GAME)[number], PlannedValue["value"]>>;

/** From this share of such images on, the set counts as one of them. */
const DRAWINGS = 0.5;

/**
 * Which adversarial game suits the images. With the hinge loss and spectral normalization, a
 * generator of small things on a plain ground settles on one palette and one figure, and only
 * changes them from time to time; a Wasserstein critic with a gradient penalty, which never stops
 * pushing, keeps them apart (measured: docs/quality.md). On photographs, and on emoji, which fill
 * their picture, the hinge loss does not.
 * @param smallOnGround share of the images that are plain ground for the most part
 * (data/decode/plain-share.ts)
 */
export function gameFor(smallOnGround: number): PlannedValue[] {
  if (smallOnGround < DRAWINGS) return [];
  const reason = `${percent(smallOnGround)} of the images are small things on a plain ground, on which the hinge loss collapses`;
  return GAME.map((path) => ({ path, value: WASSERSTEIN[path], reason }));
}

/** A round number near `value`: 1, 2 or 5 times a power of ten. */
export function roundNumber(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  const [digit] = [1, 2, 5, 10].sort(
    (a, b) => Math.abs(Math.log((a * power) / value)) - Math.abs(Math.log((b * power) / value)),
  );
  return Math.max(1, digit! * power);
}

/**
 * The values that belong to a run of `seconds`.
 * @param speed measured seconds of a step and of a grid of samples
 * @param shown the time as the user gave it, for reasons and messages
 * @throws UserError when the time is too short for anything to be seen
 */
export function planForTime(seconds: number, speed: Speed, shown: string): PlannedValue[] {
  const afford = Math.floor((SHARE_FOR_GRIDS * seconds) / speed.sampleSeconds);
  const grids = Math.max(FEWEST_GRIDS, Math.min(GRIDS, afford));
  const steps = Math.floor(Math.max(0, seconds - grids * speed.sampleSeconds) / speed.stepSeconds);
  if (steps < FEWEST_STEPS) {
    const min = Math.ceil((FEW_STEPS * speed.stepSeconds + FEWEST_GRIDS * speed.sampleSeconds) / 60);
    throw new UserError(
      `${option("time", shown)} is too short: a step takes ${speed.stepSeconds.toFixed(2)} s here, so that is ${steps} ${steps === 1 ? "step" : "steps"}, and fewer than ${FEWEST_STEPS} show nothing.`,
      `Give it ${option("time", `${min}m`)} or more, a lower ${option("resolution")}, or say ${option("steps")}.`,
    );
  }
  const measured = `${speed.stepSeconds.toFixed(2)} s a step, measured`;
  const halfLife = Math.max(1, HALF_LIFE * steps);
  return [
    { path: "training.steps", value: steps, reason: `${option("time", shown)} at ${measured}` },
    {
      path: "training.ema",
      value: Number((0.5 ** (1 / halfLife)).toFixed(4)),
      reason: `forgets half in ${Math.round(halfLife)} steps, 3 % of the run`,
    },
    { path: "training.emaStart", value: Math.round(0.02 * steps), reason: "2 % of the run" },
    { path: "optimizer.decayStart", value: Math.round(CONSTANT_SHARE * steps), reason: "half of the run" },
    { path: "training.sampleEvery", value: roundNumber(steps / grids), reason: `about ${grids} grids` },
    {
      path: "training.checkpointEvery",
      value: Math.min(steps, roundNumber(BETWEEN_CHECKPOINTS / speed.stepSeconds)),
      reason: "about two minutes' work",
    },
  ];
}

/** Widths that are tried, and how much longer a step takes at each than at the first. */
const WIDTHS = [
  { width: 32, cost: 1 },
  { width: 48, cost: 1.9 },
  { width: 64, cost: 3 },
] as const;
/** So many steps make more of a wider network than of more steps. */
const STEPS_FOR_WIDER = 8000;

/**
 * The widest networks that still get enough steps in the time.
 * @param stepSeconds measured at the least width
 */
export function widthForTime(seconds: number, stepSeconds: number): number {
  const fitting = WIDTHS.filter(({ cost }) => seconds / (stepSeconds * cost) >= STEPS_FOR_WIDER);
  return fitting.at(-1)?.width ?? WIDTHS[0].width;
}

/** A step at 64 pixels takes about so many times one at 32. */
const COST_OF_64 = 4;
/** So many steps at 64 pixels show more than four times as many at 32. */
const STEPS_FOR_64 = 3000;

/**
 * The side that suits the time and the originals: 64 where they are at least that large and the
 * time is enough for it, else 32.
 * @param smallest shorter side of the smallest original, in pixels @param stepSeconds measured at
 * 32 pixels
 */
export function resolutionForTime(seconds: number, stepSeconds: number, smallest: number): 32 | 64 {
  return smallest >= 64 && seconds / (stepSeconds * COST_OF_64) >= STEPS_FOR_64 ? 64 : 32;
}
