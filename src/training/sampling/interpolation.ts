/**
 * Walks through latent space. Vectors of N(0, I) in many dimensions lie near a sphere of radius
 * sqrt(Z); a straight line between two of them cuts through the inside, where the generator was
 * never trained, so the walk follows the great circle (White 2016, arXiv 1609.04468). Uniform
 * latents fill a cube, which straight lines do not leave.
 */
import type { LatentDistribution } from "../settings.ts";

/** The point a fraction `t` in [0, 1] of the way from `a` to `b` (each [Z]). */
export function interpolate(
  a: Float32Array,
  b: Float32Array,
  t: number,
  distribution: LatentDistribution,
): Float32Array {
  const [wa, wb] = distribution === "normal" ? sphericalWeights(a, b, t) : [1 - t, t];
  return a.map((value, i) => wa * value + wb * b[i]!);
}

/**
 * Weights of the great-circle walk; straight for (nearly) parallel vectors, where the angle's sine
 * vanishes.
 */
function sphericalWeights(a: Float32Array, b: Float32Array, t: number): [number, number] {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  const cosine = dot / Math.sqrt(aa * bb);
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const sine = Math.sin(angle);
  if (!(sine > 1e-6)) return [1 - t, t];
  return [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
}

/**
 * A closed walk through the vectors of `anchors` and back to the first.
 * @param anchors float32 [K, Z]
 * @param frames points on each leg
 * @returns float32 [K · frames, Z]
 */
export function closedWalk(
  anchors: Float32Array,
  size: number,
  frames: number,
  distribution: LatentDistribution,
): Float32Array {
  const count = anchors.length / size;
  const at = (k: number): Float32Array => anchors.subarray((k % count) * size, ((k % count) + 1) * size);
  const walk = new Float32Array(count * frames * size);
  for (let leg = 0; leg < count; leg++)
    for (let frame = 0; frame < frames; frame++) {
      const point = interpolate(at(leg), at(leg + 1), frame / frames, distribution);
      walk.set(point, (leg * frames + frame) * size);
    }
  return walk;
}
