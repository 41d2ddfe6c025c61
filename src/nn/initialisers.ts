/** First values of weights. Kernels are [out, in, kh, kw] (convolution) or [out, in] (linear). */
import { type Shape, sizeOf } from "../graph/index.ts";
import type { Initialiser } from "./scope.ts";

const fill = (shape: Shape, value: () => number): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, value);

/** Every element 0. */
export const zeros: Initialiser = (shape) => new Float32Array(sizeOf(shape));
/** Every element 1. */
export const ones: Initialiser = (shape) => fill(shape, () => 1);

/** N(0, stddev²). compare_gan: stddev 0.02 for every kernel. */
export const normal =
  (stddev: number): Initialiser =>
  (shape, random) =>
    fill(shape, () => stddev * random.normal());

/** N(0, stddev²) without what lies beyond two standard deviations, which is drawn again (TensorFlow's `truncated_normal`). */
export const truncatedNormal =
  (stddev: number): Initialiser =>
  (shape, random) =>
    fill(shape, () => {
      for (;;) {
        const value = random.normal();
        if (Math.abs(value) <= 2) return stddev * value;
      }
    });

/** U(−limit, limit). */
export const uniform =
  (limit: number): Initialiser =>
  (shape, random) =>
    fill(shape, () => limit * (2 * random.uniform() - 1));

/** Number of inputs one output sees, and of outputs one input reaches. */
export function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  const [out = 1, into = 1, ...kernel] = shape;
  const taps = sizeOf(kernel);
  return { fanIn: into * taps, fanOut: out * taps };
}

/** Glorot and Bengio 2010, uniform: limit = gain · √(6 / (fanIn + fanOut)). */
export const xavierUniform =
  (gain = 1): Initialiser =>
  (shape, random) => {
    const { fanIn, fanOut } = fans(shape);
    return uniform(gain * Math.sqrt(6 / (fanIn + fanOut)))(shape, random);
  };
