/**
 * Latents of a generator that is trained: a stream of its own for every seed, with the truncation
 * of BigGAN (Brock et al. 2019).
 */
import { randomStream } from "../../base/random.ts";
import type { LatentDistribution } from "../settings.ts";
import { drawLatents } from "./samples.ts";

/**
 * `count` latents, float32 [count, size]. Numbers larger than `truncation` in magnitude are drawn
 * again until they are not: fewer unusual images, and less variety. More images of the same seed
 * begin with the same ones.
 */
export function sampleLatents(
  seed: number,
  count: number,
  size: number,
  distribution: LatentDistribution,
  truncation = Number.POSITIVE_INFINITY,
): Float32Array {
  const stream = randomStream(seed, "sample command");
  const latents = drawLatents(stream, count, size, distribution);
  const redraws = randomStream(seed, "sample command: truncation");
  for (let i = 0; i < latents.length; i++)
    while (Math.abs(latents[i]!) > truncation) latents[i] = drawLatents(redraws, 1, 1, distribution)[0]!;
  return latents;
}
