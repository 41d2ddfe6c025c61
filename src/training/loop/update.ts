/**
 * One generator step: `discIters` updates of the discriminator, each with new images and new
 * latents, then one update of the generator with new latents (compare_gan's unrolled order,
 * gans/modular_gan.py). With gradient accumulation an update is several runs, one for each
 * micro-batch, of which the last one updates.
 */
import type { Executable, TensorData, TensorMap } from "../../engine/engine.ts";
import { dueAt, dueName } from "../../objectives/penalties/list.ts";
import type { LazyPenalties, Steps } from "../../objectives/steps.ts";
import type { Scalars } from "../events.ts";
import type { Batches, LoopConfig, RealBatch } from "../settings.ts";
import { drawFeeds, type Streams } from "./draws.ts";
import { beta2At, biasCorrected, emaDecayAt, learningRatesAt, weightsAt } from "./schedule.ts";

/** Updates of each network so far, as Adam counts them. */
export interface UpdateCounts {
  readonly generator: number;
  readonly discriminator: number;
}

/** The two steps, or their accumulating forms, ready to run. */
export type StepExecutables = Readonly<Record<"discriminatorStep" | "generatorStep", Executable>>;

/** The discriminator's step with some of the penalties only, and its accumulating form. */
export interface LazyExecutables {
  readonly discriminatorStep: Executable;
  readonly accumulating: Executable | undefined;
}

/** What the updates run and draw from. */
export interface UpdateSources extends StepExecutables {
  readonly config: LoopConfig;
  /**
   * For all micro-batches of an update but the last; needed where `training.accumulate` is more
   * than 1.
   */
  readonly accumulating?: StepExecutables | undefined;
  /**
   * The discriminator's, for updates without some of the penalties; needed where one is not in
   * every update.
   */
  readonly lazy?: LazyPenalties<LazyExecutables> | undefined;
  readonly draws: Steps["draws"];
  /** Micro-batches. */
  readonly batches: Batches;
  readonly streams: Streams;
}

/** The numbers that came out. */
export interface UpdateResults {
  /** Means over the discriminator's updates. */
  readonly discriminator: Scalars;
  readonly generator: Scalars;
  /** The generator's, before Adam's bias correction. */
  readonly learningRate: number;
  /** The discriminator's, where it has one of its own. */
  readonly discriminatorLearningRate?: number;
  /** Weights of the rotation losses, where they change over the run. */
  readonly alpha?: number;
  readonly beta?: number;
  readonly updates: UpdateCounts;
}

/**
 * Do all updates of generator step `step` (counted from 0). They are handed to the engine at once,
 * which runs them in order; the feeds of one are made while the one before runs.
 */
export async function runUpdates(
  sources: UpdateSources,
  step: number,
  before: UpdateCounts,
): Promise<UpdateResults> {
  const { config, batches, streams, draws } = sources;
  const { discIters, accumulate } = config.training;
  const { beta1, discriminatorLearningRate } = config.optimizer;
  const beta2 = beta2At(config, step);
  const { alphaEnd, betaEnd } = config.objective;
  const rates = learningRatesAt(config, step);
  const weights = weightsAt(config, step);
  // As hard a pull on average, in one update of so many (Karras et al. 2020, appendix B).
  const lambda = weights.lambda * (sources.lazy ? config.objective.penaltyEvery : 1);
  const known = { ...weights, lambda, beta2, emaDecay: emaDecayAt(config, step) };
  const settings = {
    latentDistribution: config.generator.latentDistribution,
    classes: config.data.classes,
  };

  // All of them before anything runs: an update that failed while a batch is awaited would have nobody to hear of it.
  const reals: RealBatch[] = [];
  const paired = takesImages(sources.generatorStep) ? 1 : 0;
  while (reals.length < (discIters + paired) * accumulate) reals.push(await batches.next());
  const runs: Promise<TensorMap>[] = [];
  const update = (network: "generator" | "discriminator", count: number): void => {
    const step = `${network}Step` as const;
    const learningRate = biasCorrected(rates[network], beta1, beta2, count);
    for (let part = 1; part <= accumulate; part++) {
      const executable = executableFor(sources, step, count, part === accumulate);
      const drawn = drawFeeds(draws[step], streams, settings);
      const images = takesImages(executable) ? batchFeeds(reals.shift()!) : {};
      runs.push(executable.run(pick(executable, { ...known, learningRate }, { ...images, ...drawn })));
    }
  };
  for (let i = 1; i <= discIters; i++) update("discriminator", before.discriminator + i);
  update("generator", before.generator + 1);

  const results = (await Promise.all(runs)).map(scalars);
  return {
    discriminator: mean(results.slice(0, discIters * accumulate)),
    generator: mean(results.slice(discIters * accumulate)),
    learningRate: rates.generator,
    ...(discriminatorLearningRate !== null && { discriminatorLearningRate: rates.discriminator }),
    ...(alphaEnd !== null && { alpha: weights.alpha }),
    ...(betaEnd !== null && { beta: weights.beta }),
    updates: { generator: before.generator + 1, discriminator: before.discriminator + discIters },
  };
}

const takesImages = ({ program }: Executable): boolean => program.feeds.some(({ name }) => name === "images");

/**
 * What runs for a micro-batch of a network's `count`-th update (counted from 1). The first update
 * has all penalties.
 */
function executableFor(
  sources: UpdateSources,
  step: keyof StepExecutables,
  count: number,
  last: boolean,
): Executable {
  const { accumulating, lazy } = sources;
  const partial =
    lazy && step === "discriminatorStep" ? lazy.programs[dueName(dueAt(lazy.schedule, count))] : undefined;
  if (partial) return last ? partial.discriminatorStep : partial.accumulating!;
  return last ? sources[step] : accumulating![step];
}

function batchFeeds({ images, labels }: RealBatch): Record<string, TensorData> {
  return { images, ...(labels && { labels: BigInt64Array.from(labels, BigInt) }) };
}

/** Those of the numbers and tensors that the program takes. */
function pick(
  { program }: Executable,
  numbers: Scalars,
  tensors: Readonly<Record<string, TensorData>>,
): TensorMap {
  const feeds: Record<string, TensorData> = {};
  for (const { name } of program.feeds) {
    const value = tensors[name] ?? (numbers[name] === undefined ? undefined : Float32Array.of(numbers[name]));
    if (value) feeds[name] = value;
  }
  return feeds;
}

/** The first element of every result. */
function scalars(results: TensorMap): Scalars {
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, Number(values[0])]));
}

/** Means by name, over those that have it: not every update has a penalty. */
function mean(all: readonly Scalars[]): Scalars {
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = all.flatMap((one) => one[name] ?? []);
      return [name, values.reduce((sum, value) => sum + value, 0) / values.length];
    }),
  );
}
