/**
 * Values that do nothing beside others, and settings under which nothing useful is trained. A value
 * someone typed must do something; silence would let them believe it does. What a preset or the
 * default says is not held against anybody: a short trial of a preset is not refused because the
 * preset was made for long runs, and a run that was begun goes on.
 */

import { UserError } from "../../base/errors.ts";
import { setting, settings } from "../../base/option-names.ts";
import { DISCRIMINATORS } from "../../models/registry.ts";
import { penaltiesOf } from "../../objectives/penalties/list.ts";
import { type SelfSupervision, taskOf, USUAL_TASK } from "../../objectives/pretext/registry.ts";
import { usesClasses } from "../../objectives/settings.ts";
import type { Config } from "./schema.ts";

/** Whether the adversarial loss has weight 0. */
const isWeightless = (objective: Config["objective"]): boolean =>
  taskOf(objective)?.adversarial.kind === "weightless";

/** Values that only do something where another one is as it must be. */
interface Dependence {
  readonly paths: readonly string[];
  readonly idle: (config: Config) => boolean;
  /** What makes them idle, and what would wake them. */
  readonly why: (config: Config) => string;
  readonly remedy: (config: Config) => string;
}

const NO_OP_OPTIONS: readonly Dependence[] = [
  {
    paths: ["alpha", "alphaEnd", "beta", "betaEnd", "rotatedBatch", "turns"].map((key) => `objective.${key}`),
    idle: ({ objective }) => taskOf(objective) === undefined,
    why: () => "objective.selfSupervision is none",
    remedy: () => setting("objective.selfSupervision", USUAL_TASK),
  },
  {
    paths: ["alpha", "alphaEnd", "beta", "betaEnd"].map((key) => `objective.${key}`),
    idle: ({ objective }) => taskOf(objective)?.adversarial.kind === "replaced",
    why: ({ objective }) =>
      `objective.selfSupervision ${objective.selfSupervision} is the adversarial loss itself and has no weight`,
    remedy: () => setting("objective.selfSupervision", USUAL_TASK),
  },
  {
    paths: ["objective.rotatedBatch"],
    idle: ({ objective }) => taskOf(objective)?.adversarial.kind === "replaced",
    why: ({ objective }) =>
      `objective.selfSupervision ${objective.selfSupervision} replaces the real/fake head and is shown the whole batch`,
    remedy: () => setting("training.batchSize", 32),
  },
  {
    paths: ["objective.rotatedBatch", "objective.turns"],
    idle: ({ objective }) => taskOf(objective)?.transformations === 1,
    why: ({ objective }) => `objective.selfSupervision ${objective.selfSupervision} transforms no images`,
    remedy: () => setting("objective.selfSupervision", USUAL_TASK),
  },
  {
    paths: ["objective.loss"],
    idle: ({ objective }) => isWeightless(objective),
    why: ({ objective }) =>
      `with objective.selfSupervision=${objective.selfSupervision} the adversarial loss has weight 0`,
    remedy: () => setting("objective.selfSupervision", USUAL_TASK),
  },
  {
    paths: ["objective.penaltyEvery"],
    idle: ({ objective }) => objective.penalty === "none",
    why: () => "objective.penalty is none",
    remedy: () => setting("objective.penalty", "r1"),
  },
  {
    paths: ["training.adaptiveTarget", "training.adaptiveImages"],
    idle: ({ training }) => training.adaptive === "none",
    why: () => "training.adaptive is none",
    remedy: () => setting("training.adaptive", "ada"),
  },
  {
    paths: ["optimizer.decayStart"],
    idle: ({ optimizer }) => optimizer.decay === "none",
    why: () => "optimizer.decay is none",
    remedy: () => setting("optimizer.decay", "linear"),
  },
  {
    paths: ["optimizer.decayStart"],
    idle: neverDecays,
    why: ({ training }) => `the run has ${training.steps} steps`,
    remedy: ({ optimizer }) => `at least ${optimizer.decayStart + 2} steps`,
  },
  {
    paths: ["optimizer.decayRate", "optimizer.decayEvery"],
    idle: ({ optimizer }) => !["exponential", "staircase"].includes(optimizer.decay),
    why: () => "optimizer.decay is neither exponential nor staircase",
    remedy: () => setting("optimizer.decay", "staircase"),
  },
  {
    paths: ["optimizer.decayFloor"],
    idle: ({ optimizer }) => !["linear", "cosine"].includes(optimizer.decay),
    why: () => "optimizer.decay is neither linear nor cosine",
    remedy: () => setting("optimizer.decay", "cosine"),
  },
  {
    paths: ["objective.lambdaEnd"],
    idle: ({ objective }) => objective.penalty === "none",
    why: () => "objective.penalty is none",
    remedy: () => setting("objective.penalty", "r1"),
  },
  {
    paths: ["training.curve"],
    idle: ({ objective, optimizer, training }) =>
      [
        ...[objective.alphaEnd, objective.betaEnd, objective.lambdaEnd],
        ...[optimizer.beta2End, training.emaHalfLife],
      ].every((end) => end === null),
    why: () => "nothing has an end of its own to reach",
    remedy: () => setting("objective.alphaEnd", 0),
  },
  {
    paths: ["training.emaHalfLife"],
    idle: ({ training }) => training.ema === 0,
    why: () => "training.ema is 0",
    remedy: () => setting("training.ema", 0.999),
  },
  {
    paths: ["training.ema"],
    idle: ({ training }) => training.ema > 0 && training.emaHalfLife !== null,
    why: () => "training.emaHalfLife is in its place",
    remedy: () => setting("training.emaHalfLife", "null"),
  },
  {
    paths: ["generator.standingSamples"],
    idle: ({ generator }) => generator.statistics === "running",
    why: () => "generator.statistics is running",
    remedy: () => setting("generator.statistics", "standing"),
  },
  {
    paths: ["training.emaStart"],
    // From step 0 on, nothing is averaged: that is what it says.
    idle: ({ training }) => training.ema === 0 && training.emaStart > 0,
    why: () => "training.ema is 0",
    remedy: () => setting("training.ema", 0.999),
  },
  {
    paths: ["training.emaStart"],
    idle: neverAverages,
    why: ({ training }) =>
      `the run has ${training.steps} steps, up to the last of which the average would only copy the weights`,
    remedy: ({ training }) => `at least ${training.emaStart + 1} steps`,
  },
  {
    paths: ["training.evaluateSamples", "training.evaluateProtocol", "training.evaluateFeatures"],
    idle: ({ training }) => training.evaluateEvery === 0,
    why: () => "training.evaluateEvery is 0",
    remedy: () => setting("training.evaluateEvery", 1000),
  },
  {
    paths: ["training.keepBest"],
    idle: ({ training }) => training.evaluateEvery === 0 && training.keepBest !== "none",
    why: () => "training.evaluateEvery is 0",
    remedy: () => setting("training.evaluateEvery", 1000),
  },
  {
    paths: ["discriminator.shortcut"],
    idle: ({ discriminator }) =>
      discriminator.shortcut === "activated" && !DISCRIMINATORS[discriminator.architecture].activatesFirst,
    why: ({ discriminator }) =>
      `discriminator.architecture ${discriminator.architecture} has no residual blocks that begin with an activation`,
    remedy: () => `a residual network: ${setting("discriminator.architecture", "sngan-resnet")}`,
  },
  {
    paths: ["discriminator.pool"],
    idle: ({ discriminator }) =>
      discriminator.pool !== "published" && !DISCRIMINATORS[discriminator.architecture].residual,
    why: ({ discriminator }) =>
      `discriminator.architecture ${discriminator.architecture} does not pool its last map`,
    remedy: () => `a residual network: ${setting("discriminator.architecture", "sngan-resnet")}`,
  },
  {
    paths: ["training.probeData"],
    idle: ({ training }) => training.probeEvery === 0,
    why: () => "training.probeEvery is 0",
    remedy: () => setting("training.probeEvery", 1000),
  },
  {
    paths: ["data.classes", "data.labelShare"],
    idle: (config) => (config.data.classes > 0 || config.data.labelShare < 1) && !usesClasses(config),
    why: () => "neither network is told the class",
    remedy: () => settings(["generator.norm", "conditional"], ["discriminator.conditioning", "projection"]),
  },
];

/** The rates begin to fall in the last step, number `steps` - 1, or after it: none is lower. */
function neverDecays({ optimizer, training }: Config): boolean {
  return optimizer.decay !== "none" && optimizer.decayStart > 0 && optimizer.decayStart >= training.steps - 1;
}

/** Step number `steps` - 1 is the last; until `emaStart` the average is a copy of the weights. */
function neverAverages({ training }: Config): boolean {
  return training.ema > 0 && training.emaStart > 0 && training.emaStart >= training.steps;
}

/** Settings under which a network gets no gradient, or a task no weight, in the whole run. */
interface Futility {
  /** Refused if one of these was given: what makes it so. */
  readonly paths: readonly string[];
  readonly futile: (config: Config) => boolean;
  /** After "objective.selfSupervision is rotation and". */
  readonly what: string;
  /** Before another value of objective.selfSupervision. */
  readonly remedy: string;
  readonly other?: SelfSupervision;
}

/** Whether a weight is 0 from the first step to the last. */
const stays0 = (start: number, end: number | null): boolean => start === 0 && (end ?? 0) === 0;
const weights = (...names: ("alpha" | "beta")[]): string[] => [
  "objective.selfSupervision",
  ...names.flatMap((name) => [`objective.${name}`, `objective.${name}End`]),
];

const DEGENERATE_SETTINGS: readonly Futility[] = [
  {
    paths: weights("alpha"),
    futile: ({ objective }) => isWeightless(objective) && stays0(objective.alpha, objective.alphaEnd),
    what: "objective.alpha is 0: the generator would never be trained.",
    remedy: `Give alpha a weight, for example ${setting("objective.alpha", 0.2)}, or use`,
  },
  {
    paths: weights("beta"),
    futile: ({ objective }) => isWeightless(objective) && stays0(objective.beta, objective.betaEnd),
    what: "objective.beta is 0: the discriminator would never be trained.",
    remedy: `Give beta a weight, for example ${setting("objective.beta", 1)}, or use`,
  },
  {
    paths: weights("alpha", "beta"),
    futile: ({ objective }) =>
      taskOf(objective)?.adversarial.kind === "kept" &&
      stays0(objective.alpha, objective.alphaEnd) &&
      stays0(objective.beta, objective.betaEnd),
    what: "objective.alpha and objective.beta are 0: the discriminator would be shown the task and nothing learned of it.",
    remedy: `Give one of them a weight, for example ${setting("objective.beta", 1)}, or use`,
    other: "none",
  },
];

/** Why the value at `path` changes nothing under this configuration; undefined where it does. */
export const whyIdle = (config: Config, path: string): string | undefined =>
  NO_OP_OPTIONS.find(({ paths, idle }) => paths.includes(path) && idle(config))?.why(config);

/**
 * Check that no value was given in vain.
 * @param given paths whose value the user gave
 * @throws UserError for the first of them that has no effect, or makes that nothing is trained
 */
export function refuseWithoutEffect(config: Config, given: ReadonlySet<string>): void {
  for (const { paths, idle, why, remedy } of NO_OP_OPTIONS)
    for (const path of paths)
      if (given.has(path) && idle(config))
        throw new UserError(
          `${path} is given, but ${why(config)}, so it would have no effect.`,
          `Leave ${path} out, or use ${remedy(config)}.`,
        );
  for (const { paths, futile, what, remedy, other = USUAL_TASK } of DEGENERATE_SETTINGS)
    if (paths.some((path) => given.has(path)) && futile(config))
      throw new UserError(
        `objective.selfSupervision is ${config.objective.selfSupervision} and ${what}`,
        `${remedy} ${setting("objective.selfSupervision", other)}.`,
      );
}

/** Losses that need a discriminator of bounded slope, and the penalty they are published with. */
const UNBOUNDED: Partial<Record<Config["objective"]["loss"], string>> = {
  wasserstein: settings(["objective.penalty", "wgan-gp"], ["objective.lambda", 10]),
  relativistic: setting("objective.penalty", "r1-r2"),
};

/**
 * What works as it is set, but hardly as it is meant.
 * @param reasonOf why a value is what it is, as in `ResolvedConfig`
 */
export function warningsOf(config: Config, reasonOf: (path: string) => string): string[] {
  const { objective, discriminator, optimizer, training } = config;
  const warnings: string[] = [];
  if (neverAverages(config))
    warnings.push(
      `training.emaStart is ${training.emaStart} (${reasonOf("training.emaStart")}), and the run has ${training.steps} steps: the averaged weights are the latest ones.`,
    );
  if (neverDecays(config))
    warnings.push(
      `optimizer.decayStart is ${optimizer.decayStart} (${reasonOf("optimizer.decayStart")}), and the run has ${training.steps} steps: the learning rates stay as they are.`,
    );
  // These losses only fall as the logits, or their differences, grow, and nothing else keeps the critic from raising them without end. An l2
  // penalty does not: it grows with the square of the weights, a logit of many layers with a higher power of them.
  const bounded = discriminator.spectralNorm || penaltiesOf(objective).some(({ penalty }) => penalty.bounds);
  const remedy = UNBOUNDED[objective.loss];
  if (remedy && !isWeightless(objective) && !bounded)
    warnings.push(
      `objective.loss is ${objective.loss}, and nothing bounds the slope of the discriminator: training is likely to diverge. ` +
        `Use ${setting("discriminator.spectralNorm", true)}, or ${remedy}.`,
    );
  return warnings;
}
