/** First values of weights. Kernels are [out, in, kh, kw] (convolution) or [out, in] (linear). */
import { type Shape, sizeOf } from "../graph/index.ts";
import type { Initializer } from "./scope.ts";

const fill = (shape: Shape, value: () => number): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, value);

/** Every element 0. */
export const zeros: Initializer = (shape) => new Float32Array(sizeOf(shape));
/** Every element 1. */
export const ones: Initializer = (shape) => fill(shape, () => 1);

/** N(0, stddev²). compare_gan: stddev 0.02 for every kernel. */
export const normal =
  (stddev: number): Initializer =>
  (shape, random) =>
    fill(shape, () => stddev * random.normal());

/**
 * N(0, stddev²) without what lies beyond two standard deviations, which is drawn again
 * (TensorFlow's `truncated_normal`).
 */
export const truncatedNormal =
  (stddev: number): Initializer =>
  (shape, random) =>
    fill(shape, () => {
      for (;;) {
        const value = random.normal();
        if (Math.abs(value) <= 2) return stddev * value;
      }
    });

/** U(−limit, limit). */
export const uniform =
  (limit: number): Initializer =>
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
  (gain = 1): Initializer =>
  (shape, random) => {
    const { fanIn, fanOut } = fans(shape);
    return uniform(gain * Math.sqrt(6 / (fanIn + fanOut)))(shape, random);
  };

/**
 * He et al. 2015, normal: N(0, 2 / fanIn), which keeps the size of a signal through layers that end
 * in ReLUs.
 */
export const heNormal: Initializer = (shape, random) =>
  normal(Math.sqrt(2 / fans(shape).fanIn))(shape, random);

/**
 * Saxe et al. 2014: the kernel as a matrix [out, in·kh·kw] has orthonormal rows, or columns where
 * it has more rows than columns. Gram and Schmidt's method, in double precision and each vector
 * twice, on normal draws, so that every direction is as likely as any other.
 */
export const orthogonal: Initializer = (shape, random) => {
  const rows = shape[0] ?? 1;
  const columns = sizeOf(shape) / rows;
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (let pass = 0; pass < 2; pass++)
      for (const known of basis) {
        let dot = 0;
        for (let i = 0; i < length; i++) dot += known[i]! * vector[i]!;
        for (let i = 0; i < length; i++) vector[i]! -= dot * known[i]!;
      }
    const size = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    if (size > 1e-8) basis.push(vector.map((value) => value / size));
  }
  const at = (row: number, column: number): number =>
    rows <= columns ? basis[row]![column]! : basis[column]![row]!;
  return Float32Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns));
};
