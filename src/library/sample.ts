/** `sample` as a function: images as numbers rather than files. */

import { loadGenerator, openRunEngine } from "../cli/load-generator.ts";
import { sampleLabels } from "../cli/sample-classes.ts";
import { chooseCheckpoint } from "../training/best.node.ts";
import { sampleLatents } from "../training/latents.ts";
import { generate } from "../training/samples.ts";
import { evaluationDistribution } from "../training/settings.ts";
import * as kind from "./check.ts";
import { givenOptions } from "./options.ts";

/** What to make. */
export interface SampleCall {
  /** Images; 64 unless given. */
  readonly count?: number;
  /** More images of the same seed begin with the same ones; 1 unless given. */
  readonly seed?: number;
  /** Of the checkpoint. */
  readonly step?: number;
  /** True: the checkpoint measured best; false: the newest; else the best where it was measured surely better. */
  readonly best?: boolean;
  /** Averaged weights: where the run has them unless given. */
  readonly ema?: boolean;
  /** Latents larger than this in magnitude are drawn again; none unless given. */
  readonly truncation?: number;
  /** Name or number of the class, for a conditional generator; drawn by the seed unless given. */
  readonly class?: string | number;
  readonly device?: string;
  readonly threads?: number;
}

/** Images, and what they were made with. */
export interface Samples {
  /** uint8 RGB [count, size, size, 3]. */
  readonly images: Uint8Array;
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
  /** float32 [count, latentSize]. */
  readonly latents: Float32Array;
  /** int64 [count], of a conditional generator. */
  readonly labels: BigInt64Array | undefined;
  /** Steps the generator was trained for. */
  readonly step: number;
  readonly averaged: boolean;
}

const KINDS: kind.Kinds<SampleCall> = {
  count: kind.whole(1, 1_000_000),
  seed: kind.whole(0),
  step: kind.whole(1),
  best: kind.truth,
  ema: kind.truth,
  truncation: kind.between(0.05, 10),
  class: kind.className,
  device: kind.text,
  threads: kind.whole(0),
};

/**
 * Images of a trained generator; those `quarterturn sample RUN --files` writes for the same seed.
 * @param run a run folder
 * @throws UserError for an unknown option, and when it has no such checkpoint, or no such class
 */
export async function sample(run: string, call: SampleCall = {}): Promise<Samples> {
  kind.checkRun("sample", run);
  kind.checkCall<SampleCall>("sample", call, KINDS);
  const { count = 64, seed = 1, ema, truncation, device, threads } = call;
  const engine = await openRunEngine(run, givenOptions({ device, threads }));
  try {
    const { step } = await chooseCheckpoint(run, { step: call.step, best: call.best, averaged: ema });
    const generator = await loadGenerator(engine, run, { step, averaged: ema });
    const { config } = generator;
    const className = call.class === undefined ? undefined : String(call.class);
    const labels = sampleLabels(generator, { className, byClass: false, count, seed });
    const distribution = evaluationDistribution(config);
    const latents = sampleLatents(seed, count, config.generator.latentSize, distribution, truncation);
    const images = await generate(generator.sampler, latents, generator.alias, labels);
    const { resolution: size } = config.data;
    return { images, count, size, latents, labels, step: generator.step, averaged: generator.averaged };
  } finally {
    await engine.close();
  }
}
