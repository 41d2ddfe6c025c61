/**
 * The largest singular value of a matrix by Golub-Kahan-Lanczos bidiagonalization (Golub and Kahan
 * 1965): each turn goes over the matrix twice, as one of power iteration does, but the norm is
 * taken from all vectors seen so far and not from the last one, so that a few turns do what takes
 * power iteration dozens.
 */
import { randomStream } from "../base/random.ts";

/** Turns at the most. */
const MAX_TURNS = 40;
/**
 * Relative change at which the norm is taken to be found, when two turns one after the other change
 * it by less.
 */
const CLOSE = 5e-5;

/**
 * The largest singular value of a matrix [rows, columns], from below. NaN or infinite where the
 * matrix is not finite.
 */
export function spectralNorm(matrix: Float32Array, rows: number, columns: number): number {
  const stream = randomStream(0, "spectral norm");
  const right = Float64Array.from({ length: columns }, () => stream.normal());
  toLength1(right);
  const left = new Float64Array(rows);
  /** The bidiagonal matrix: what is on its diagonal, and above it. */
  const [diagonal, above]: [number[], number[]] = [[], []];
  let norm = 0;
  let still = 0;
  for (let turn = 0; turn < MAX_TURNS && still < 2; turn++) {
    multiply(matrix, right, left, -(above.at(-1) ?? 0));
    diagonal.push(toLength1(left));
    const found = largestOfBidiagonal(diagonal, above);
    still = Math.abs(found - norm) <= CLOSE * found ? still + 1 : 0;
    norm = found;
    if (!Number.isFinite(norm)) return Number.NaN;
    multiplyTransposed(matrix, left, right, -diagonal.at(-1)!);
    above.push(toLength1(right));
    // The vectors span all that the matrix answers to: the norm is exact.
    if (above.at(-1)! <= Number.EPSILON * norm) break;
  }
  return norm;
}

/**
 * `out` ← M · `vector` + `keep` · `out`, four rows at a time: sums that do not wait for one
 * another.
 */
function multiply(m: Float32Array, vector: Float64Array, out: Float64Array, keep: number): void {
  const columns = vector.length;
  const whole = out.length - (out.length % 4);
  for (let r = 0; r < whole; r += 4) {
    const [r0, r1, r2, r3] = [r * columns, (r + 1) * columns, (r + 2) * columns, (r + 3) * columns];
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let c = 0; c < columns; c++) {
      const x = vector[c]!;
      s0 += m[r0 + c]! * x;
      s1 += m[r1 + c]! * x;
      s2 += m[r2 + c]! * x;
      s3 += m[r3 + c]! * x;
    }
    out[r] = s0 + keep * out[r]!;
    out[r + 1] = s1 + keep * out[r + 1]!;
    out[r + 2] = s2 + keep * out[r + 2]!;
    out[r + 3] = s3 + keep * out[r + 3]!;
  }
  for (let r = whole; r < out.length; r++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += m[r * columns + c]! * vector[c]!;
    out[r] = sum + keep * out[r]!;
  }
}

/**
 * `out` ← Mᵀ · `vector` + `keep` · `out`, four rows at a time: `out` is gone over a quarter as
 * often.
 */
function multiplyTransposed(m: Float32Array, vector: Float64Array, out: Float64Array, keep: number): void {
  const columns = out.length;
  const whole = vector.length - (vector.length % 4);
  for (let c = 0; c < columns; c++) out[c]! *= keep;
  for (let r = 0; r < whole; r += 4) {
    const [r0, r1, r2, r3] = [r * columns, (r + 1) * columns, (r + 2) * columns, (r + 3) * columns];
    const [x0, x1, x2, x3] = [vector[r]!, vector[r + 1]!, vector[r + 2]!, vector[r + 3]!];
    for (let c = 0; c < columns; c++)
      out[c]! += m[r0 + c]! * x0 + m[r1 + c]! * x1 + m[r2 + c]! * x2 + m[r3 + c]! * x3;
  }
  for (let r = whole; r < vector.length; r++)
    for (let c = 0; c < columns; c++) out[c]! += m[r * columns + c]! * vector[r]!;
}

/** Give a vector the length 1. Zeros stay. @returns the length it had */
function toLength1(a: Float64Array): number {
  let squares = 0;
  for (const value of a) squares += value * value;
  const length = Math.sqrt(squares);
  if (length > 0) for (let i = 0; i < a.length; i++) a[i]! /= length;
  return length;
}

/**
 * The largest singular value of an upper bidiagonal matrix B: the root of the largest eigenvalue of
 * BᵀB, which is tridiagonal, by bisection with the signs of its LDLᵀ factorization (Sturm's
 * sequence).
 */
function largestOfBidiagonal(diagonal: readonly number[], above: readonly number[]): number {
  const n = diagonal.length;
  // In units of the largest entry, so that no square is out of range.
  const scale = Math.max(...diagonal, ...above.slice(0, n - 1));
  if (!(scale > 0) || !Number.isFinite(scale)) return scale;
  const a = diagonal.map((value) => value / scale);
  const b = above.map((value) => value / scale);
  const main = a.map((value, i) => value ** 2 + (i > 0 ? b[i - 1]! ** 2 : 0));
  const offDiagonal = a.slice(0, n - 1).map((value, i) => value * b[i]!);
  /** Whether all eigenvalues lie below `x`. */
  const bounds = (x: number): boolean => {
    let pivot = 1;
    for (let i = 0; i < n; i++) {
      pivot = main[i]! - x - (i > 0 ? offDiagonal[i - 1]! ** 2 / pivot : 0);
      if (pivot >= 0) return false;
    }
    return true;
  };
  let [low, high] = [Math.max(...main), 0];
  for (let i = 0; i < n; i++)
    high = Math.max(high, main[i]! + (offDiagonal[i] ?? 0) + (offDiagonal[i - 1] ?? 0));
  for (let turn = 0; turn < 60 && high - low > Number.EPSILON * high; turn++) {
    const middle = (low + high) / 2;
    if (bounds(middle)) high = middle;
    else low = middle;
  }
  return scale * Math.sqrt(low);
}
