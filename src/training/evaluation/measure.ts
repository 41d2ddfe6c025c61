/**
 * A generator under a protocol: its samples, quantized as the protocol says, against the reference.
 */
import { randomStream } from "../../base/random.ts";
import type { Executable } from "../../engine/engine.ts";
import { type Evaluation, type EvaluationOptions, evaluate } from "../../metrics/evaluate.ts";
import type { ImageSet } from "../../metrics/extraction/images.ts";
import type { Quantization } from "../../metrics/protocol.ts";
import { drawLabels, drawLatents, imageShape } from "../sampling/samples.ts";
import { evaluationDistribution, type LoopConfig } from "../settings.ts";

/** Everything an evaluation needs besides the generated images. */
export type EvaluationSetup = Omit<EvaluationOptions, "generated" | "quantisation">;

/** A generator ready to sample from. */
export interface MeasuredGenerator {
  /** Makes uint8 images for the quantization `uint8`, else float32 ones (`floatSamplerProgram`). */
  readonly sampler: Executable;
  /** State names to be given with every run. */
  readonly alias: Readonly<Record<string, string>>;
  readonly config: Pick<LoopConfig, "data" | "generator">;
}

/** mimicry divides by the range of its values in [−1, 1] plus this, here in 0…255. */
const RANGE_PADDING = 1e-5 * 127.5;

/**
 * Evaluate a generator.
 * @throws UserError as `evaluate`, and like it the signal's reason when it aborts
 */
export function measureGenerator(setup: EvaluationSetup, generator: MeasuredGenerator): Promise<Evaluation> {
  const { quantisation } = setup.protocol;
  return evaluate({
    ...setup,
    quantisation,
    generated: (repeat) =>
      generatedImages(generator, setup.counts.generated, repeat, quantisation, setup.signal),
  });
}

/**
 * `count` images of a generator; other ones for every seed, always the same for one. All classes of
 * a conditional one are equally likely (compare_gan eval_gan_lib.py).
 * @param signal ends the making of images with its reason
 */
export function generatedImages(
  generator: MeasuredGenerator,
  count: number,
  seed: number,
  quantisation: Quantization,
  signal?: AbortSignal,
): ImageSet {
  const [side] = imageShape(generator.sampler);
  const raw = (size: number) => rawChunks(generator, count, seed, size, signal);
  return {
    count,
    side,
    async *chunks(size) {
      if (quantisation !== "uint8-rescaled") return yield* raw(size);
      let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      // Made twice: 50,000 images at 32×32 in float32 are 600 MB.
      for await (const { pixels } of raw(size))
        for (const value of pixels) {
          min = Math.min(min, value);
          max = Math.max(max, value);
        }
      const scale = 255 / (max - min + RANGE_PADDING);
      for await (const { pixels, count: n } of raw(size))
        yield { pixels: Uint8Array.from(pixels, (value) => (value - min) * scale + 0.5), count: n };
    },
  };
}

/** Images as the sampler makes them. */
async function* rawChunks(
  { sampler, alias, config }: MeasuredGenerator,
  count: number,
  seed: number,
  size: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly pixels: Uint8Array | Float32Array; readonly count: number }> {
  const { latentSize } = config.generator;
  const { classes } = config.data;
  const distribution = evaluationDistribution(config);
  const batch = sampler.program.feeds.find((feed) => feed.name === "latents")!.shape[0]!;
  const values = imageShape(sampler).reduce((a, b) => a * b, 1);
  const stream = randomStream(seed, "evaluation");
  const ofLabels = randomStream(seed, "evaluation labels");
  for (let done = 0; done < count; ) {
    signal?.throwIfAborted();
    const n = Math.min(size, batch, count - done);
    const latents = new Float32Array(batch * latentSize);
    latents.set(drawLatents(stream, n, latentSize, distribution));
    const labels = classes > 0 ? new BigInt64Array(batch) : undefined;
    labels?.set(drawLabels(ofLabels, n, classes));
    const { images } = await sampler.run({ latents, ...(labels && { labels }) }, alias);
    yield { pixels: (images as Uint8Array | Float32Array).subarray(0, n * values), count: n };
    done += n;
  }
}
