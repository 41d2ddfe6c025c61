/**
 * Principal directions of a latent space: along which the images change most, found from the images
 * alone, so that any generator file will do, whatever its architecture.
 *
 * The images x of latents z (components independent, mean 0, variance s²) are projected on the
 * latents: A = E[(x − x̄) zᵀ] / s² is the best linear guess of x from z, and for normal latents
 * exactly the mean Jacobian E[∂x/∂z] (Stein's lemma). Its right singular vectors, eigenvectors of
 * AᵀA, are orthogonal directions of the latent space, in the order of how much an image changes on
 * average when one goes along them. They are the principal components of what the latents do to the
 * images; GANSpace (Härkönen et al. 2020, arXiv 2004.02546) takes those of a layer's features
 * instead and regresses the latents on them, which needs a model cut open, and for a first layer
 * that is linear they are those of its weights (SeFa, Shen and Zhou 2021), which know nothing of
 * the layers above.
 *
 * The estimate from N samples has noise of the order of sqrt(Z / N) times the images' spread, far
 * below the first few directions.
 */
import { randomStream } from "../../base/random.ts";

/** Gathers E[x zᵀ] a batch at a time. */
export interface ResponseSum {
  /**
   * @param latents float32 [N, Z]
   * @param features [N, D], the images or what is taken of them
   * @param groups class of each, [N]
   */
  add(latents: Float32Array, features: Float32Array, groups?: ArrayLike<number | bigint>): void;
  /** Samples so far. */
  readonly count: number;
  /**
   * The leading directions, float32 [count, Z], each of length 1, and the share of the linear
   * response each has.
   */
  directions(count: number): PrincipalDirections;
}

/** Orthonormal directions in a latent space. */
export interface PrincipalDirections {
  /** float32 [K, Z], the strongest first. */
  readonly vectors: Float32Array;
  /** [K]: share of the whole linear response, falling. */
  readonly shares: readonly number[];
}

/** Turns of orthogonal iteration; the directions shown are well separated or do not matter much. */
const TURNS = 60;

/**
 * An empty sum for latents of `size` and `features` numbers an image. Means are taken within each
 * group, so that classes of a conditional generator do not count as a response to the latents.
 */
export function responseSum(size: number, features: number): ResponseSum {
  /** Σ x zᵀ, [D, Z]; with the sums of x and z per group the means can be taken off at the end. */
  const products = new Float64Array(features * size);
  const sums = new Map<number, { x: Float64Array; z: Float64Array; n: number }>();
  let count = 0;
  const groupOf = (key: number) => {
    const known = sums.get(key);
    if (known) return known;
    const fresh = { x: new Float64Array(features), z: new Float64Array(size), n: 0 };
    sums.set(key, fresh);
    return fresh;
  };
  return {
    get count() {
      return count;
    },
    add(latents, x, groups) {
      const n = latents.length / size;
      if (x.length !== n * features) throw new RangeError(`${x.length} features for ${n} latents`);
      for (let i = 0; i < n; i++) {
        const group = groupOf(Number(groups?.[i] ?? 0));
        const z = latents.subarray(i * size, (i + 1) * size);
        group.n++;
        for (let k = 0; k < size; k++) group.z[k]! += z[k]!;
        for (let d = 0; d < features; d++) {
          const value = x[i * features + d]!;
          group.x[d]! += value;
          const row = d * size;
          for (let k = 0; k < size; k++) products[row + k]! += value * z[k]!;
        }
      }
      count += n;
    },
    directions(wanted) {
      const response = products.slice();
      for (const { x, z, n } of sums.values())
        for (let d = 0; d < features; d++)
          for (let k = 0; k < size; k++) response[d * size + k]! -= (x[d]! * z[k]!) / n;
      return leadingVectors(gram(response, features, size), size, Math.min(wanted, size));
    },
  };
}

/** AᵀA, [Z, Z]. */
function gram(a: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(columns * columns);
  for (let d = 0; d < rows; d++) {
    const row = a.subarray(d * columns, (d + 1) * columns);
    for (let i = 0; i < columns; i++) {
      const value = row[i]!;
      for (let j = 0; j <= i; j++) out[i * columns + j]! += value * row[j]!;
    }
  }
  for (let i = 0; i < columns; i++) for (let j = 0; j < i; j++) out[j * columns + i] = out[i * columns + j]!;
  return out;
}

/**
 * The leading eigenvectors of a symmetric, positive matrix by orthogonal iteration (Golub and Van
 * Loan, §8.2).
 */
export function leadingVectors(matrix: Float64Array, size: number, wanted: number): PrincipalDirections {
  const stream = randomStream(0, "directions");
  // A few more than wanted: the last ones converge by the gap to the first that is left out.
  const block = Math.min(size, wanted + 4);
  let vectors: Float64Array[] = Array.from({ length: block }, () =>
    Float64Array.from({ length: size }, () => stream.normal()),
  );
  orthonormalize(vectors);
  for (let turn = 0; turn < TURNS; turn++) {
    vectors = vectors.map((v) => multiply(matrix, v, size));
    orthonormalize(vectors);
  }
  const found = vectors.map((v) => ({ v, value: Math.max(0, dot(v, multiply(matrix, v, size))) }));
  found.sort((a, b) => b.value - a.value);
  let trace = 0;
  for (let i = 0; i < size; i++) trace += matrix[i * size + i]!;
  const kept = found.slice(0, wanted);
  const result = new Float32Array(wanted * size);
  for (const [i, { v }] of kept.entries()) result.set(upright(v), i * size);
  return { vectors: result, shares: kept.map(({ value }) => (trace > 0 ? value / trace : 0)) };
}

/**
 * The sign with which the largest component is positive: the same samples give the same directions.
 */
function upright(v: Float64Array): Float64Array {
  const largest = v.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? v.map((value) => -value) : v;
}

function multiply(matrix: Float64Array, v: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => dot(matrix.subarray(i * size, (i + 1) * size), v));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * Modified Gram–Schmidt, in place. A vector that vanishes stays zero: there is no further
 * direction.
 */
function orthonormalize(vectors: readonly Float64Array[]): void {
  for (const [i, v] of vectors.entries()) {
    const before = Math.sqrt(dot(v, v));
    for (const u of vectors.slice(0, i)) {
      const part = dot(u, v);
      for (let k = 0; k < v.length; k++) v[k]! -= part * u[k]!;
    }
    const length = Math.sqrt(dot(v, v));
    const scale = length > 1e-12 * Math.max(before, 1e-300) ? 1 / length : 0;
    for (let k = 0; k < v.length; k++) v[k]! *= scale;
  }
}

/**
 * Images made smaller by averaging squares: what directions are judged by need not be finer, and
 * the sum costs D · Z an image.
 * @param planes uint8 [N, 3, S, S] @returns [N, 3 · s · s], s = the largest divisor of S up to
 * `max`
 */
export function coarse(planes: Uint8Array, side: number, max = 16): Float32Array {
  let small = Math.min(max, side);
  while (side % small !== 0) small--;
  const factor = side / small;
  const channels = planes.length / (side * side);
  const out = new Float32Array(channels * small * small);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++)
        out[(c * small + Math.floor(y / factor)) * small + Math.floor(x / factor)]! +=
          planes[(c * side + y) * side + x]! / (factor * factor);
  return out;
}
