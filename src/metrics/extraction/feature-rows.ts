/** Rows out of an array of features, as matrices in double precision. */
import { type Matrix, matrix } from "../linalg/matrix.ts";

/** The vectors `indices` of features [N, d]. */
export function rowsOf(features: Float32Array, dimensions: number, indices: ArrayLike<number>): Matrix {
  const out = matrix(indices.length, dimensions);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * dimensions;
    out.data.set(features.subarray(from, from + dimensions), i * dimensions);
  }
  return out;
}

/** The vectors `begin … end − 1` of features [N, d]. */
export function rowRange(features: Float32Array, dimensions: number, begin: number, end: number): Matrix {
  return matrix(
    end - begin,
    dimensions,
    Float64Array.from(features.subarray(begin * dimensions, end * dimensions)),
  );
}

/** |x|² of every row. */
export function squaredNorms({ rows, columns, data }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let total = 0;
    for (let at = i * columns; at < (i + 1) * columns; at++) total += data[at]! ** 2;
    return total;
  });
}
