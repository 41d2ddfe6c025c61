/**
 * Programs that run the generator alone: the sampler, and the pass that gathers standing
 * statistics.
 */
import { compile, input, type Target, type Tensor } from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";
import type { GeneratorInput } from "../../models/model.ts";
import { traceNetwork } from "../../nn/scope.ts";
import { networkState, pack, tie } from "../flat.ts";
import { encodeImages, oneHot, unroundedImages } from "../images.ts";
import { type GeneratorProgramSettings, generate } from "../networks.ts";
import { usesClasses } from "../settings.ts";
import { imageRangeOf } from "../steps/step-inputs.ts";
import { withoutPowerIteration } from "../steps/update-program.ts";

/** Images in one call of the sampler. */
export const SAMPLER_BATCH = 64;

/**
 * Feeds of a program that samples: `latents` [M, Z] and, for a conditional generator, `labels`
 * int64 [M].
 */
function inputs(
  settings: GeneratorProgramSettings,
  count: number,
): { readonly feeds: Record<string, Tensor>; readonly input: GeneratorInput } {
  const latents = input("latents", [count, settings.generator.latentSize]);
  if (!usesClasses(settings)) return { feeds: { latents }, input: { z: latents, classes: undefined } };
  const labels = input("labels", [count], "int64");
  return {
    feeds: { latents, labels },
    input: { z: latents, classes: oneHot(labels, settings.data.classes) },
  };
}

/** z [M, Z] (and labels [M]) → uint8 images [M, S, S, 3], with stored statistics. */
export const samplerProgram = (
  settings: GeneratorProgramSettings,
  target: Target,
  count = SAMPLER_BATCH,
): Program => sampler(settings, target, count, encodeImages);

/**
 * The sampler with images as the generator makes them: float32 in 0…255, not rounded. For protocols
 * that measure those.
 */
export const floatSamplerProgram = (
  settings: GeneratorProgramSettings,
  target: Target,
  count = SAMPLER_BATCH,
): Program => sampler(settings, target, count, unroundedImages);

function sampler(
  settings: GeneratorProgramSettings,
  target: Target,
  count: number,
  encode: typeof encodeImages,
): Program {
  const generator = traceNetwork("generator", false);
  const { feeds, input: made } = inputs(settings, count);
  const images = encode(generate(generator.scope, made, settings), imageRangeOf(settings));
  const { reads, replacements } = networkState(generator);
  return compile(
    { name: "sampler", feeds, reads, ...tie({ results: { images }, writes: {} }, [replacements]) },
    target,
  );
}

/**
 * One pass of gathering standing statistics (compare_gan eval_gan_lib.py: accumulators filled with
 * the statistics of many generated batches, which replace the running ones for evaluation). Feeds
 * as the sampler's and `runningMomentum` []: the m-th of the passes keeps (m − 1)/m of what there
 * is, so that all batches count alike. Reads and writes `generator/standing`, which is laid out
 * like `generator/buffers` and must hold a copy of it at first, for the vectors of spectral
 * normalization, which stay.
 * @returns undefined for a generator without running statistics
 */
export function standingProgram(
  settings: GeneratorProgramSettings,
  target: Target,
  count = SAMPLER_BATCH,
): Program | undefined {
  const runningMomentum = input("runningMomentum", []);
  const generator = traceNetwork("generator", true, runningMomentum);
  const { feeds, input: made } = inputs(settings, count);
  generate(generator.scope, made, settings);
  if (!generator.buffers.some(({ name }) => !name.endsWith("/u"))) return undefined;
  const { reads, replacements } = networkState(generator, "generator/standing");
  const writes = { "generator/standing": pack(generator.buffers.map(withoutPowerIteration)) };
  return compile(
    {
      name: "standing",
      feeds: { ...feeds, runningMomentum },
      reads,
      ...tie({ results: {}, writes }, [replacements]),
    },
    target,
  );
}
