/** Kernels for the blocked layout, prepared in the graph (they change at every training step). */
import { type ConvGeometry, concat, pad, reshape, reverse, slice, transpose } from "../operations/index.ts";
import type { Tensor } from "../tensor.ts";

/**
 * [O, I, kh, kw] → the same declared shape with memory [O/B, I/B, kh, kw, B of I, B of O]; with fewer input channels than a block
 * [O/B, I, kh, kw, B of O]. O is filled up with zeros to a multiple of B.
 */
export function blockKernel(w: Tensor, block: number): Tensor {
  const filled = fillOutputs(w, block);
  const [o, i, kh, kw] = filled.shape as [number, number, number, number];
  if (i < block) {
    const split = reshape(filled, [o / block, block, i, kh, kw]);
    return reshape(transpose(split, [0, 2, 3, 4, 1]), filled.shape);
  }
  const split = reshape(filled, [o / block, block, i / block, block, kh, kw]);
  return reshape(transpose(split, [0, 2, 4, 5, 3, 1]), filled.shape);
}

/** Zero kernels up to the next multiple of B outputs. */
export function fillOutputs(w: Tensor, block: number): Tensor {
  const missing = (block - (w.shape[0]! % block)) % block;
  return pad(
    w,
    w.shape.map(() => 0),
    w.shape.map((_, axis) => (axis === 0 ? missing : 0)),
  );
}

/**
 * Put four phase images of the same size back together: `phases[a][b]` holds the values at rows 2i + a and columns 2j + b.
 * Packed tensors [N, C, H, W] → [N, C, 2H, 2W]; runs of B floats move as one.
 */
export function interleave(phases: readonly (readonly Tensor[])[], block: number): Tensor {
  const [n, c, h, w] = phases[0]![0]!.shape as [number, number, number, number];
  const f = phases.length;
  const blocks = (n * c) / block;
  const rows = phases.map((row) => {
    const columns = row.map((phase) => reshape(phase, [blocks * h * w, 1, block]));
    return reshape(concat(columns, 1), [blocks * h, 1, f * w * block]);
  });
  return reshape(concat(rows, 1), [n, c, f * h, f * w]);
}

/** w~: flipped in both directions, input and output channels swapped. */
export const turn = (w: Tensor): Tensor => transpose(reverse(w, [2, 3]), [1, 0, 2, 3]);

/** One phase of a transposed convolution: a stride-1 kernel [C, O, th, tw] and the padding before its input. */
export interface Phase {
  readonly kernel: Tensor;
  readonly low: readonly [number, number];
}

/**
 * A stride-f transposed convolution as f × f stride-1 convolutions, one for each phase of the result. Along one axis, the value at
 * y = f·i + a gathers d[j] w[k] over all j, k with f·j + k − p = y. So only taps k = k₀ + f·t with k₀ = (a + p) mod f count, and
 * j = i + m − t with m = (a + p − k₀)/f: a correlation with the T taps in reverse order, T − 1 − m zeros before the input.
 * `undefined` where a phase has no taps or would need the input cut.
 */
export function phaseKernels(w: Tensor, geometry: ConvGeometry, f: number): Phase[][] | undefined {
  const along = (axis: 0 | 1, a: number): { k0: number; low: number } | undefined => {
    const size = w.shape[2 + axis]!;
    const k0 = (a + geometry.padding[axis][0]) % f;
    const taps = Math.ceil((size - k0) / f);
    const low = taps - 1 - (a + geometry.padding[axis][0] - k0) / f;
    return taps > 0 && low >= 0 ? { k0, low } : undefined;
  };
  const phases: Phase[][] = [];
  for (let a = 0; a < f; a++) {
    const row: Phase[] = [];
    for (let b = 0; b < f; b++) {
      const [vertical, horizontal] = [along(0, a), along(1, b)];
      if (!vertical || !horizontal) return undefined;
      const taps = slice(w, [0, 0, vertical.k0, horizontal.k0], w.shape, [1, 1, f, f]);
      row.push({ kernel: turn(taps), low: [vertical.low, horizontal.low] });
    }
    phases.push(row);
  }
  return phases;
}
