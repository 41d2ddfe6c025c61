/**
 * Matrices in double precision, and their product. The product is passed around as `Products`,
 * because all algorithms here put most of their arithmetic into it: plain JavaScript does 1 to 2
 * GFLOP/s, ONNX Runtime's (products.node.ts) some fifty.
 */

/** A matrix; row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns] */
  readonly data: Float64Array;
}

/** Who multiplies matrices. */
export interface Products {
  /**
   * op(a) · op(b), op(x) being x or its transpose.
   * @throws RangeError when the inner sizes differ
   */
  multiply(a: Matrix, b: Matrix, transposeA?: boolean, transposeB?: boolean): Promise<Matrix>;
}

/** A matrix of zeros, or over `data`. */
export function matrix(rows: number, columns: number, data?: Float64Array): Matrix {
  if (data && data.length !== rows * columns)
    throw new RangeError(`${data.length} numbers for a matrix of ${rows}×${columns}`);
  return { rows, columns, data: data ?? new Float64Array(rows * columns) };
}

/** The transpose, a new matrix; in tiles, so that neither side strides through memory. */
export function transposed({ rows, columns, data }: Matrix): Matrix {
  const out = new Float64Array(data.length);
  const tile = 32;
  for (let i0 = 0; i0 < rows; i0 += tile)
    for (let j0 = 0; j0 < columns; j0 += tile)
      for (let i = i0; i < Math.min(rows, i0 + tile); i++)
        for (let j = j0; j < Math.min(columns, j0 + tile); j++) out[j * rows + i] = data[i * columns + j]!;
  return { rows: columns, columns: rows, data: out };
}

/** Shape of op(a) · op(b). @throws RangeError when the inner sizes differ */
export function productShape(a: Matrix, b: Matrix, transposeA: boolean, transposeB: boolean) {
  const [rows, inner] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns];
  const [innerB, columns] = transposeB ? [b.columns, b.rows] : [b.rows, b.columns];
  if (inner !== innerB)
    throw new RangeError(`a product of ${rows}×${inner} and ${innerB}×${columns} matrices`);
  return { rows, columns, inner };
}

/** Plain JavaScript: for browsers, tests and small matrices. */
export const PLAIN_PRODUCTS: Products = {
  async multiply(a, b, transposeA = false, transposeB = false) {
    const { rows, columns, inner } = productShape(a, b, transposeA, transposeB);
    // Both as rows of length `inner`: every element of the result is a dot product of two rows.
    const left = (transposeA ? transposed(a) : a).data;
    const right = (transposeB ? b : transposed(b)).data;
    const out = matrix(rows, columns);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        let total = 0;
        for (let k = 0, p = i * inner, q = j * inner; k < inner; k++) total += left[p + k]! * right[q + k]!;
        out.data[i * columns + j] = total;
      }
    return out;
  },
};

/** Sum of the diagonal. */
export function trace({ columns, data }: Matrix): number {
  let total = 0;
  for (let i = 0; i < data.length; i += columns + 1) total += data[i]!;
  return total;
}
