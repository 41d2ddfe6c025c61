/**
 * Cholesky decomposition with complete pivoting of a positive semi-definite matrix (Higham,
 * "Accuracy and Stability of Numerical Algorithms", §10.3; LAPACK's dpstrf): S = F Fᵀ with F [n,
 * r], r the numerical rank.
 *
 * With the largest remaining diagonal element as the pivot, all that is left of S when it falls
 * below the tolerance is smaller than that tolerance in every element, as |s_ij| ≤ √(s_ii s_jj) in
 * a semi-definite matrix. Singular covariances (fewer images than features, features that are
 * always zero, identical images) are therefore no special case: they have fewer columns, and cost
 * less.
 */
import { type Matrix, matrix, type Products } from "./matrix.ts";

/** Columns between two updates of what remains. */
const PANEL = 64;

/** A factor of a matrix. */
export interface Factor {
  /** F [n, r] */
  readonly factor: Matrix;
  readonly rank: number;
}

/**
 * Factor a symmetric positive semi-definite matrix.
 * @param s [n, n]; destroyed
 * @param onProgress called after each panel with the share done
 */
export async function semidefiniteFactor(
  s: Matrix,
  products: Products,
  onProgress?: (share: number) => void,
): Promise<Factor> {
  const n = s.rows;
  const a = s.data;
  const l = new Float64Array(n * n);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const remaining = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  const tolerance = n * Number.EPSILON * Math.max(0, ...remaining);

  const exchange = (i: number, j: number): void => {
    if (i === j) return;
    swapRows(a, n, i, j);
    swapColumns(a, n, i, j);
    swapRows(l, n, i, j);
    [order[i], order[j]] = [order[j]!, order[i]!];
    [remaining[i], remaining[j]] = [remaining[j]!, remaining[i]!];
  };
  const factored = (rank: number): Factor => ({ factor: restoreOrder(l, order, n, rank), rank });

  for (let begin = 0; begin < n; begin += PANEL) {
    const end = Math.min(n, begin + PANEL);
    for (let j = begin; j < end; j++) {
      let pivot = j;
      for (let i = j + 1; i < n; i++) if (remaining[i]! > remaining[pivot]!) pivot = i;
      if (!(remaining[pivot]! > tolerance)) return factored(j);
      exchange(j, pivot);
      const root = Math.sqrt(remaining[j]!);
      l[j * n + j] = root;
      for (let i = j + 1; i < n; i++) {
        // Column j of the matrix, read as row j; earlier panels are already subtracted, this one is not.
        let value = a[j * n + i]!;
        for (let k = begin; k < j; k++) value -= l[i * n + k]! * l[j * n + k]!;
        value /= root;
        l[i * n + j] = value;
        remaining[i] = remaining[i]! - value * value;
      }
    }
    await subtractPanel(a, l, n, begin, end, products);
    onProgress?.(1 - (1 - end / n) ** 3);
  }
  return factored(n);
}

/** a -= P Pᵀ below and right of the panel P, columns `begin … end − 1` of l. */
async function subtractPanel(
  a: Float64Array,
  l: Float64Array,
  n: number,
  begin: number,
  end: number,
  products: Products,
): Promise<void> {
  const size = n - end;
  if (size === 0) return;
  const panel = matrix(size, end - begin);
  for (let i = 0; i < size; i++)
    panel.data.set(l.subarray((end + i) * n + begin, (end + i) * n + end), i * panel.columns);
  const { data } = await products.multiply(panel, panel, false, true);
  for (let i = 0; i < size; i++) {
    const to = (end + i) * n + end;
    for (let j = 0; j < size; j++) a[to + j] = a[to + j]! - data[i * size + j]!;
  }
}

/** The first `rank` columns, rows in the order they had before the exchanges. */
function restoreOrder(l: Float64Array, order: Int32Array, n: number, rank: number): Matrix {
  const factor = matrix(n, rank);
  order.forEach((row, i) => {
    factor.data.set(l.subarray(i * n, i * n + rank), row * rank);
  });
  return factor;
}

function swapRows(data: Float64Array, n: number, i: number, j: number): void {
  const row = data.slice(i * n, (i + 1) * n);
  data.copyWithin(i * n, j * n, (j + 1) * n);
  data.set(row, j * n);
}

function swapColumns(data: Float64Array, n: number, i: number, j: number): void {
  for (let row = 0; row < n * n; row += n) {
    const value = data[row + i]!;
    data[row + i] = data[row + j]!;
    data[row + j] = value;
  }
}
