/**
 * Principal components of a few rows with many numbers each: where each row lies along the
 * directions in which they differ most. By the matrix of products between rows, [N, N], which is
 * small where the covariance, [D, D], is not.
 */
import { leadingVectors } from "../../training/sampling/directions.ts";

/** Rows along their principal components. */
export interface Projection {
  /** [K] of [N] each, centered: coordinates along the first components, the most telling first. */
  readonly along: readonly (readonly number[])[];
  /** [K]: the shares of them in all that the rows differ in, 0…1. */
  readonly shares: readonly number[];
}

/**
 * Project vectors on their K main components.
 * @param rows [N, D]
 * @param columns D
 * @param wanted K; components beyond N are zeros
 */
export function projectRows(rows: Float32Array, columns: number, wanted: number): Projection {
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
  const { vectors, shares } = leadingVectors(products, count, Math.min(wanted, count));
  const along = (k: number): number[] => {
    const scale = Math.sqrt((shares[k] ?? 0) * total);
    return Array.from({ length: count }, (_, i) => (vectors[k * count + i] ?? 0) * scale);
  };
  const components = Array.from({ length: wanted }, (_, k) => k);
  return { along: components.map(along), shares: components.map((k) => shares[k] ?? 0) };
}
