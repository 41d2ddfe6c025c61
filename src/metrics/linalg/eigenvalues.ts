/**
 * Eigenvalues of a symmetric matrix: blocked Householder reduction to tridiagonal form, then the
 * implicit QL iteration on the two diagonals (Golub and Van Loan, "Matrix Computations", §8.3; the
 * blocking is that of LAPACK's dsytrd and dlatrd). No eigenvectors: the Fréchet distance needs
 * none, and they would cost four times as much again.
 */
import { type Matrix, matrix, type Products } from "./matrix.ts";

/** Columns reduced before the rest of the matrix is brought up to date by one product. */
const PANEL = 48;
/** The QL iteration converges cubically; two or three turns an eigenvalue are usual. */
const MAX_TURNS = 60;

/**
 * All eigenvalues, in ascending order. Absolute errors are of the order of the machine's epsilon
 * times the largest.
 * @param a [n, n], symmetric; only its lower triangle is read. Destroyed
 * @param onProgress called after each panel of the reduction with the share done; the iteration
 * that follows is short
 * @throws RangeError when an element is not finite
 */
export async function symmetricEigenvalues(
  a: Matrix,
  products: Products,
  onProgress?: (share: number) => void,
): Promise<Float64Array> {
  if (!a.data.every(Number.isFinite)) throw new RangeError("eigenvalues of a matrix that is not finite");
  const { diagonal, offDiagonal } = await tridiagonalize(a, products, onProgress);
  return tridiagonalEigenvalues(diagonal, offDiagonal);
}

interface Tridiagonal {
  /** [n] */
  readonly diagonal: Float64Array;
  /** [n]; element i couples i and i + 1, the last is 0. */
  readonly offDiagonal: Float64Array;
}

/**
 * A = Q T Qᵀ, T tridiagonal. A reflection H = I − τ v vᵀ of the trailing part changes it by a
 * matrix of rank two:
 *
 *     H A H = A − v wᵀ − w vᵀ,   w = p − (τ/2)(pᵀv) v,   p = τ A v.
 *
 * Within a panel the changes are only collected in V and W (the columns v and w), so that A v
 * becomes A v − V (Wᵀv) − W (Vᵀv) with A as it was before the panel; at the panel's end the rest of
 * A is updated at once by V Wᵀ + W Vᵀ, a product of matrices.
 */
async function tridiagonalize(
  { rows: n, data: a }: Matrix,
  products: Products,
  onProgress?: (share: number) => void,
): Promise<Tridiagonal> {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let begin = 0; begin < n; begin += PANEL) {
    const end = Math.min(n, begin + PANEL);
    const width = end - begin;
    // Rows of the panel's V and W, [n, width].
    const [allV, allW] = [new Float64Array(n * width), new Float64Array(n * width)];
    for (let j = begin; j < end; j++) {
      const done = j - begin;
      for (let i = j; i < n; i++) {
        let change = 0;
        for (let k = 0; k < done; k++)
          change += allV[i * width + k]! * allW[j * width + k]! + allW[i * width + k]! * allV[j * width + k]!;
        a[i * n + j] = a[i * n + j]! - change;
      }
      diagonal[j] = a[j * n + j]!;
      if (j === n - 1) break;
      for (let i = j + 1; i < n; i++) v[i] = a[i * n + j]!;
      const tau = reflection(v, j + 1, n, offDiagonal, j);
      multiplyLower(a, n, j + 1, v, w);
      applyPanel(allV, allW, width, done, j + 1, n, v, w);
      let overlap = 0;
      for (let i = j + 1; i < n; i++) overlap += w[i]! * v[i]!;
      const half = 0.5 * tau * tau * overlap;
      for (let i = j + 1; i < n; i++) {
        allV[i * width + done] = v[i]!;
        allW[i * width + done] = tau * w[i]! - half * v[i]!;
      }
    }
    await updateTrailing(a, n, end, allV, allW, width, products);
    onProgress?.(1 - (1 - end / n) ** 3);
  }
  return { diagonal, offDiagonal };
}

/**
 * The reflection that maps x = v[from … n − 1] onto a multiple of its first axis; that multiple
 * goes to `offDiagonal[at]`. v becomes the vector of the reflection, its first element 1. @returns
 * τ, 0 when there is nothing to be done
 */
function reflection(v: Float64Array, from: number, n: number, offDiagonal: Float64Array, at: number): number {
  // Scaled, so that squares neither overflow nor vanish.
  let largest = 0;
  for (let i = from; i < n; i++) largest = Math.max(largest, Math.abs(v[i]!));
  let rest = 0;
  for (let i = from + 1; i < n; i++) rest += (v[i]! / largest) ** 2;
  const first = v[from]!;
  if (largest === 0 || rest === 0) {
    offDiagonal[at] = first;
    v.fill(0, from, n);
    v[from] = 1;
    return 0;
  }
  const norm = largest * Math.sqrt((first / largest) ** 2 + rest);
  const beta = first > 0 ? -norm : norm;
  const scale = 1 / (first - beta);
  for (let i = from + 1; i < n; i++) v[i] = v[i]! * scale;
  v[from] = 1;
  offDiagonal[at] = beta;
  return (beta - first) / beta;
}

/**
 * out = A v over rows and columns `from … n − 1`, A given by its lower triangle. Four rows at a
 * time: memory is what it waits for, and so a number of `out` is read and written once for every
 * four of A.
 */
function multiplyLower(a: Float64Array, n: number, from: number, v: Float64Array, out: Float64Array): void {
  out.fill(0, from, n);
  let i = from;
  for (; i + 3 < n; i += 4) {
    const row0 = i * n;
    const row1 = row0 + n;
    const row2 = row1 + n;
    const row3 = row2 + n;
    const v0 = v[i]!;
    const v1 = v[i + 1]!;
    const v2 = v[i + 2]!;
    const v3 = v[i + 3]!;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let k = from; k < i; k++) {
      const a0 = a[row0 + k]!;
      const a1 = a[row1 + k]!;
      const a2 = a[row2 + k]!;
      const a3 = a[row3 + k]!;
      const vk = v[k]!;
      sum0 += a0 * vk;
      sum1 += a1 * vk;
      sum2 += a2 * vk;
      sum3 += a3 * vk;
      out[k] = out[k]! + a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3;
    }
    out[i] = out[i]! + sum0;
    out[i + 1] = out[i + 1]! + sum1;
    out[i + 2] = out[i + 2]! + sum2;
    out[i + 3] = out[i + 3]! + sum3;
    for (let r = i; r < i + 4; r++) multiplyRow(a, n, i, r, v, out);
  }
  for (; i < n; i++) multiplyRow(a, n, from, i, v, out);
}

/** What row `i` of the lower triangle adds to out = A v, from column `from` to the diagonal. */
function multiplyRow(
  a: Float64Array,
  n: number,
  from: number,
  i: number,
  v: Float64Array,
  out: Float64Array,
): void {
  let total = a[i * n + i]! * v[i]!;
  for (let k = from; k < i; k++) {
    const value = a[i * n + k]!;
    total += value * v[k]!;
    out[k] = out[k]! + value * v[i]!;
  }
  out[i] = out[i]! + total;
}

/** out −= V (Wᵀ v) + W (Vᵀ v), over the first `done` columns of the panel. */
function applyPanel(
  allV: Float64Array,
  allW: Float64Array,
  width: number,
  done: number,
  from: number,
  n: number,
  v: Float64Array,
  out: Float64Array,
): void {
  const [byV, byW] = [new Float64Array(done), new Float64Array(done)];
  for (let i = from; i < n; i++)
    for (let k = 0; k < done; k++) {
      byV[k] = byV[k]! + allV[i * width + k]! * v[i]!;
      byW[k] = byW[k]! + allW[i * width + k]! * v[i]!;
    }
  for (let i = from; i < n; i++) {
    let change = 0;
    for (let k = 0; k < done; k++) change += allV[i * width + k]! * byW[k]! + allW[i * width + k]! * byV[k]!;
    out[i] = out[i]! - change;
  }
}

/** A −= V Wᵀ + W Vᵀ over rows and columns `from … n − 1`. */
async function updateTrailing(
  a: Float64Array,
  n: number,
  from: number,
  allV: Float64Array,
  allW: Float64Array,
  width: number,
  products: Products,
): Promise<void> {
  const size = n - from;
  if (size === 0) return;
  const [left, right] = [matrix(size, 2 * width), matrix(size, 2 * width)];
  for (let i = 0; i < size; i++) {
    const [v, w] = [allV, allW].map((all) => all.subarray((from + i) * width, (from + i + 1) * width));
    left.data.set(v!, i * 2 * width);
    left.data.set(w!, (2 * i + 1) * width);
    right.data.set(w!, i * 2 * width);
    right.data.set(v!, (2 * i + 1) * width);
  }
  const { data } = await products.multiply(left, right, false, true);
  for (let i = 0; i < size; i++) {
    const to = (from + i) * n + from;
    for (let j = 0; j <= i; j++) a[to + j] = a[to + j]! - data[i * size + j]!;
  }
}

/**
 * Eigenvalues of a symmetric tridiagonal matrix by implicit QL with Wilkinson's shift. Destroys its
 * arguments.
 */
export function tridiagonalEigenvalues(d: Float64Array, e: Float64Array): Float64Array {
  const n = d.length;
  // What couples two elements by less than the rounding of the reduction does not couple them. (Measured by the elements beside it
  // alone, a cluster of equal eigenvalues would not come apart.)
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(d[i]!) + Math.abs(e[i]!));
  const negligible = Number.EPSILON * norm;
  for (let l = 0; l < n; l++) {
    for (let turn = 0; ; turn++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]!) > negligible) m++;
      if (m === l) break;
      if (turn === MAX_TURNS) throw new Error("the QL iteration does not converge");
      const g0 = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      const r0 = Math.hypot(g0, 1);
      let g = d[m]! - d[l]! + e[l]! / (g0 + (g0 < 0 ? -r0 : r0));
      let [sine, cosine, shift] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = sine * e[i]!;
        const b = cosine * e[i]!;
        const r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] = d[i + 1]! - shift;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = d[i + 1]! - shift;
        const turned = (d[i]! - g) * sine + 2 * cosine * b;
        shift = sine * turned;
        d[i + 1] = g + shift;
        g = cosine * turned - b;
      }
      // A rotation vanished on the way: the matrix has come apart there.
      if (i < l) {
        d[l] = d[l]! - shift;
        e[l] = g;
      }
      e[m] = 0;
    }
  }
  return d.sort();
}
