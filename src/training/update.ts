/**
 * One generator step: `discIters` updates of the discriminator, each with new images and new latents, then one update of the
 * generator with new latents (compare_gan's unrolled order, gans/modular_gan.py).
 */
import type { RandomStream } from "../base/random.ts";
import type { Executable, TensorMap } from "../engine/engine.ts";
import type { Scalars } from "./events.ts";
import { drawLatents } from "./samples.ts";
import { biasCorrected, emaDecayAt, learningRateAt } from "./schedule.ts";
import type { Batches, LoopConfig, RealBatch } from "./settings.ts";

/** Updates of each network so far, as Adam counts them. */
export interface UpdateCounts {
  readonly generator: number;
  readonly discriminator: number;
}

/** What the updates run and draw from. */
export interface UpdateSources {
  readonly config: LoopConfig;
  readonly discriminatorStep: Executable;
  readonly generatorStep: Executable;
  readonly batches: Batches;
  readonly latents: RandomStream;
}

/** The numbers that came out. */
export interface UpdateResults {
  /** Means over the discriminator's updates. */
  readonly discriminator: Scalars;
  readonly generator: Scalars;
  /** Before Adam's bias correction. */
  readonly learningRate: number;
  readonly updates: UpdateCounts;
}

/**
 * Do all updates of generator step `step` (counted from 0). They are handed to the engine at once, which runs them in order; the
 * feeds of one are made while the one before runs.
 */
export async function runUpdates(
  sources: UpdateSources,
  step: number,
  before: UpdateCounts,
): Promise<UpdateResults> {
  const { config, discriminatorStep, generatorStep, batches, latents } = sources;
  const { discIters, batchSize } = config.training;
  const { latentSize, latentDistribution } = config.generator;
  const { beta1, beta2 } = config.optimizer;
  const nominal = learningRateAt(config, step);
  const rate = (update: number): Float32Array =>
    Float32Array.of(biasCorrected(nominal, beta1, beta2, update));
  const draw = (): Float32Array => drawLatents(latents, batchSize, latentSize, latentDistribution);

  // All of them before anything runs: an update that failed while a batch is awaited would have nobody to hear of it.
  const reals: RealBatch[] = [];
  while (reals.length < discIters) reals.push(await batches.next());
  const runs: Promise<TensorMap>[] = [];
  for (let i = 1; i <= discIters; i++)
    runs.push(
      discriminatorStep.run({
        images: reals[i - 1]!.images,
        latents: draw(),
        learningRate: rate(before.discriminator + i),
      }),
    );
  runs.push(
    generatorStep.run({
      latents: draw(),
      learningRate: rate(before.generator + 1),
      emaDecay: Float32Array.of(emaDecayAt(config, step)),
    }),
  );
  const results = (await Promise.all(runs)).map(scalars);
  return {
    discriminator: mean(results.slice(0, -1)),
    generator: results.at(-1)!,
    learningRate: nominal,
    updates: { generator: before.generator + 1, discriminator: before.discriminator + discIters },
  };
}

/** The first element of every result. */
function scalars(results: TensorMap): Scalars {
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, Number(values[0])]));
}

/** Means by name. */
function mean(all: readonly Scalars[]): Scalars {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, all.reduce((sum, one) => sum + one[name]!, 0) / all.length]),
  );
}
