/**
 * Principal components of a few rows with many numbers each: where each row lies on the plane on which they differ most. By the
 * matrix of products between rows, [N, N], which is small where the covariance, [D, D], is not.
 */
import { leadingVectors } from "../../training/sampling/directions.ts";

/** Rows on a plane. */
export interface Projection {
  /** [N] each, centered: coordinates along the first two components. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Of all that the rows differ in: the shares of the two, 0…1. */
  readonly shares: readonly [x: number, y: number];
}

/** @param rows [N, D] @param columns D */
export function projectRows(rows: Float32Array, columns: number): Projection {
  const count = rows.length / columns;
  const means = new Float64Array(columns);
  for (let i = 0; i < rows.length; i++) means[i % columns]! += rows[i]! / count;
  const centered = Float64Array.from(rows, (value, i) => value - means[i % columns]!);
  const products = new Float64Array(count * count);
  let total = 0;
  for (let i = 0; i < count; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let d = 0; d < columns; d++) sum += centered[i * columns + d]! * centered[j * columns + d]!;
      products[i * count + j] = sum;
      products[j * count + i] = sum;
      if (i === j) total += sum;
    }
  const { vectors, shares } = leadingVectors(products, count, Math.min(2, count));
  const along = (k: number): number[] => {
    const scale = Math.sqrt((shares[k] ?? 0) * total);
    return Array.from({ length: count }, (_, i) => (vectors[k * count + i] ?? 0) * scale);
  };
  return { x: along(0), y: along(1), shares: [shares[0] ?? 0, shares[1] ?? 0] };
}
