/**
 * Standing statistics: before samples are made for evaluation, the generator's batch-norm
 * statistics are replaced by their means over many batches that it generates for it (compare_gan
 * eval_gan_lib.py; Brock et al. 2019). Moving averages with a short memory, as in training, depend
 * on the last few batches.
 */
import { randomStream } from "../../base/random.ts";
import type { Engine, Executable } from "../../engine/engine.ts";
import { evaluationDistribution, type LoopConfig } from "../settings.ts";
import { drawLabels, drawLatents } from "./samples.ts";

/** Names of state entries that stand in for others when a program runs. */
export type Alias = Readonly<Record<string, string>>;

/** State names that make the sampler use standing statistics. */
export const STANDING = { "generator/buffers": "generator/standing" } as const;

/** What is needed of a configuration. */
export type StandingConfig = Pick<LoopConfig, "data" | "generator"> & {
  readonly generator: { readonly standingSamples: number };
  readonly training: { readonly seed: number };
};

/**
 * Gather standing statistics into the engine's state entry `generator/standing`. The engine must
 * hold `generator/buffers` and the parameters. Latents and classes come from streams of the run's
 * seed, so that the result follows from the run.
 * @param executable of `standingProgram` @param alias as for the sampler, for example `AVERAGED`
 * @param onProgress called now and then with the number of images generated so far
 * @param signal ends it between two batches
 * @throws the signal's reason when it aborts
 */
export async function gatherStanding(
  engine: Engine,
  executable: Executable,
  config: StandingConfig,
  alias: Alias,
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<void> {
  const { latentSize, standingSamples } = config.generator;
  const { seed } = config.training;
  const batch = executable.program.feeds.find(({ name }) => name === "latents")!.shape[0]!;
  const { "generator/buffers": buffers } = await engine.readState(["generator/buffers"]);
  await engine.writeState({ "generator/standing": buffers! });
  const [latents, labels] = [randomStream(seed, "standing"), randomStream(seed, "standing labels")];
  const passes = Math.ceil(standingSamples / batch);
  for (let pass = 1; pass <= passes; pass++) {
    signal?.throwIfAborted();
    await executable.run(
      {
        latents: drawLatents(latents, batch, latentSize, evaluationDistribution(config)),
        ...(config.data.classes > 0 && { labels: drawLabels(labels, batch, config.data.classes) }),
        runningMomentum: Float32Array.of((pass - 1) / pass),
      },
      alias,
    );
    if (pass % 50 === 0) onProgress(pass * batch, passes * batch);
  }
}
