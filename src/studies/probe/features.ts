/**
 * What a discriminator has learned to see: the output of each of its blocks, pooled to a vector,
 * for many images. The discriminator is in inference mode, its spectral-norm vectors stay as they
 * are.
 */
import type { Engine } from "../../engine/engine.ts";
import type { Target } from "../../graph/index.ts";
import type { DiscriminatorProgramSettings } from "../../objectives/networks.ts";
import {
  type DiscriminatorProgram,
  discriminatorProgram,
} from "../../objectives/programs/discriminator-program.ts";
import { type InspectableImages, inspectInBatches } from "../inspect-images.ts";
import { FULL_FEATURES } from "./protocol.ts";

/** Images in one run of the program. */
export const FEATURE_BATCH = 100;

/**
 * Build the features of every block.
 * @param limit numbers a block is pooled to at the most; 1 means the mean over the whole map
 */
export const buildFeatures = (
  settings: DiscriminatorProgramSettings,
  target: Target,
  limit = FULL_FEATURES,
): DiscriminatorProgram =>
  discriminatorProgram(settings, target, {
    batch: FEATURE_BATCH,
    score: false,
    task: false,
    features: limit,
  });

/**
 * Features of some images for the blocks asked for. The engine must hold the discriminator's state.
 * @param indices which images
 * @param signal aborting it ends the work with its reason
 * @returns by block, float32 [indices.length, dimensions]
 */
export async function extractFeatures(
  engine: Engine,
  { program, blocks }: DiscriminatorProgram,
  images: InspectableImages,
  indices: ArrayLike<number>,
  wanted: readonly string[],
  onProgress?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<Record<string, Float32Array>> {
  const total = indices.length;
  const chosen = blocks.filter(({ name }) => wanted.includes(name));
  const features = Object.fromEntries(
    chosen.map(({ name, dimensions }) => [name, new Float32Array(total * dimensions)]),
  );
  const executable = await engine.compile(program);
  try {
    for await (const { first, count, results } of inspectInBatches(executable, images, indices)) {
      signal?.throwIfAborted();
      for (const { name, dimensions } of chosen)
        features[name]!.set(
          (results[name] as Float32Array).subarray(0, count * dimensions),
          first * dimensions,
        );
      onProgress?.(first + count, total);
    }
  } finally {
    await executable.release();
  }
  return features;
}
