/** Images of a trained generator as numbers rather than files. */
import { sampleLatents } from "../../training/sampling/latents.ts";
import { generate } from "../../training/sampling/samples.ts";
import { evaluationDistribution } from "../../training/settings.ts";
import type { Context } from "../context.ts";
import { chosenStep } from "../support/chosen-step.ts";
import type { EngineChoice } from "../support/engine-choice.ts";
import { loadGenerator, openRunEngine, statisticsOf } from "../support/load-generator.ts";
import { sampleLabels } from "./classes.ts";
import type { GeneratorOptions, LatentOptions } from "./options.ts";

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

/**
 * Make images with a trained generator; the same that `sample` writes for the same seed.
 * @throws UserError when it has no such checkpoint, or no such class
 */
export async function sampleImages(
  options: GeneratorOptions & LatentOptions & EngineChoice,
  context: Context,
): Promise<Samples> {
  const { run, count = 64, seed = 0, ema: averaged, truncation } = options;
  const engine = await openRunEngine(run, options);
  try {
    const step = await chosenStep(run, { step: options.step, best: options.best, averaged }, context);
    const generator = await loadGenerator(engine, run, {
      ...{ step, averaged, onProgress: statisticsOf(context), signal: context.signal },
    });
    for (const message of generator.notes) void context.report({ kind: "warning", message });
    const { config } = generator;
    const labels = sampleLabels(generator, { class: options.class, byClass: false, count, seed });
    const distribution = evaluationDistribution(config);
    const latents = sampleLatents(seed, count, config.generator.latentSize, distribution, truncation);
    const images = await generate(generator.sampler, latents, generator.alias, labels);
    const { resolution: size } = config.data;
    return { images, count, size, latents, labels, step: generator.step, averaged: generator.averaged };
  } finally {
    await engine.close();
  }
}
