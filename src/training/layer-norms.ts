/**
 * How strongly each layer of a network stretches what goes through it: the spectral norm of its kernel, seen as a
 * matrix [out, in · kh · kw], by power iteration. With spectral normalization it is what the kernel is divided by.
 * It follows from the weights alone, so that a run that goes on finds the same numbers.
 */
import { randomStream } from "../base/random.ts";
import type { Slot } from "../objectives/steps.ts";

/** Turns of the iteration at the most; kernels whose first singular values lie close need them, and are known well enough then. */
const MOST_TURNS = 40;
/** Relative change from turn to turn at which the norm is taken to be found. */
const CLOSE = 1e-4;
const DIGITS = 4;

/** Norms by the layer's name below its network: `block1/conv1`. */
export type LayerNorms = Readonly<Record<string, number>>;

/** The name of the layer that a parameter belongs to, without the network: `discriminator/block1/conv1/kernel` → `block1/conv1`. */
export const layerOf = (parameter: string): string => parameter.split("/").slice(1, -1).join("/");

/** Whether a parameter is a kernel. */
export const isKernel = ({ name, shape }: Pick<Slot, "name" | "shape">): boolean =>
  name.endsWith("/kernel") && shape.length > 1;

/**
 * Spectral norms of all kernels of a network.
 * @param slots where each parameter lies in `parameters`
 * @param parameters flat
 * @returns norms of four digits; none for a kernel that is not finite
 */
export function spectralNorms(slots: readonly Slot[], parameters: Float32Array): LayerNorms {
  const norms: Record<string, number> = {};
  for (const slot of slots.filter(isKernel)) {
    const [rows = 1, ...rest] = slot.shape;
    const columns = rest.reduce((a, b) => a * b, 1);
    const kernel = parameters.subarray(slot.offset, slot.offset + rows * columns);
    const norm = spectralNorm(kernel, rows, columns);
    if (Number.isFinite(norm)) norms[layerOf(slot.name)] = Number(norm.toPrecision(DIGITS));
  }
  return norms;
}

/** The largest singular value of a matrix [rows, columns], from below. */
export function spectralNorm(matrix: Float32Array, rows: number, columns: number): number {
  const stream = randomStream(0, "spectral norm");
  let u = unit(Float64Array.from({ length: columns }, () => stream.normal())).vector;
  const v = new Float64Array(rows);
  let norm = 0;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    for (let r = 0; r < rows; r++) {
      let total = 0;
      const row = r * columns;
      for (let c = 0; c < columns; c++) total += matrix[row + c]! * u[c]!;
      v[r] = total;
    }
    const left = unit(v);
    const next = new Float64Array(columns);
    for (let r = 0; r < rows; r++) {
      const value = left.vector[r]!;
      const row = r * columns;
      for (let c = 0; c < columns; c++) next[c]! += matrix[row + c]! * value;
    }
    const right = unit(next);
    u = right.vector;
    const found = right.length;
    const settled = Math.abs(found - norm) <= CLOSE * found;
    norm = found;
    if (settled || !Number.isFinite(norm)) break;
  }
  return norm;
}

/** A vector of length 1 in the direction of `a`, and the length of `a`. Zeros stay. */
function unit(a: Float64Array): { readonly vector: Float64Array; readonly length: number } {
  let squares = 0;
  for (const value of a) squares += value * value;
  const length = Math.sqrt(squares);
  return { vector: length > 0 ? a.map((value) => value / length) : a, length };
}
