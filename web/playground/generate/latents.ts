/** Latents along directions: where one stands, and the same one moved. */
import type { GeneratorFile } from "../../../src/training/export/generator-file.ts";
import { closedWalk } from "../../../src/training/sampling/interpolation.ts";
import type { LatentDistribution } from "../../../src/training/settings.ts";

/** Where `latent` [Z] stands along each of the orthonormal `vectors` [K, Z]. */
export function coordinates(vectors: Float32Array, latent: Float32Array): number[] {
  const size = latent.length;
  return Array.from({ length: size === 0 ? 0 : vectors.length / size }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += latent[i]! * vectors[k * size + i]!;
    return sum;
  });
}

/**
 * `base` [Z] with its coordinates along `vectors` [K, Z] set to `to` [K]; what is not along them
 * stays.
 */
export function moved(base: Float32Array, vectors: Float32Array, to: readonly number[]): Float32Array {
  const from = coordinates(vectors, base);
  return Float32Array.from(base, (value, i) =>
    to.reduce((sum, t, k) => sum + (t - from[k]!) * vectors[k * base.length + i]!, value),
  );
}

/** Uniform latents stay in the cube they are drawn from. */
export const clampLatent = (latent: Float32Array, distribution: LatentDistribution): Float32Array =>
  distribution === "uniform" ? latent.map((value) => Math.min(1, Math.max(-1, value))) : latent;

/** Latents [2 · frames, Z] from `a` to `b` and back, as the generator's latents are distributed. */
export function walkAround(
  { a, b }: { readonly a: Float32Array; readonly b: Float32Array },
  { latentSize, latentDistribution }: Pick<GeneratorFile, "latentSize" | "latentDistribution">,
  frames: number,
): Float32Array {
  const anchors = new Float32Array(2 * latentSize);
  anchors.set(a);
  anchors.set(b, latentSize);
  return closedWalk(anchors, latentSize, frames, latentDistribution);
}
