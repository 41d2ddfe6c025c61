/** Kernels for the blocked layout, prepared in the graph (they change at every training step). */
import {
  type ConvGeometry,
  concat,
  pad,
  reshape,
  reverse,
  slice,
  transpose,
} from "../../operations/index.ts";
import type { Tensor } from "../../tensor.ts";

/**
 * [O, I, kh, kw] → the same declared shape with memory [O/B, I/B, kh, kw, B of I, B of O]; with fewer input channels than a block
 * [O/B, I, kh, kw, B of O]. O is filled up with zeros to a multiple of B. `turned` blocks w~ (flipped, channels swapped) instead; it is
 * flipped last, when the taps are long runs.
 */
export function blockKernel(w: Tensor, block: number, turned = false): Tensor {
  const before = peel(w);
  if (before) return blockKernel(before, block, !turned);
  const [outputs, inputs] = turned ? [1, 0] : [0, 1];
  const filled = fill(w, outputs, block);
  const [o, i] = [filled.shape[outputs]!, filled.shape[inputs]!];
  const [kh, kw] = filled.shape.slice(2) as [number, number];
  const inner = i < block ? 1 : block;
  // Split both channel axes: [first/b, b, second/b', b', kh, kw].
  const [first, second] = turned ? [inner, block] : [block, inner];
  const split = reshape(filled, [filled.shape[0]! / first, first, filled.shape[1]! / second, second, kh, kw]);
  const runs = transpose(split, turned ? [2, 0, 4, 5, 1, 3] : [0, 2, 4, 5, 3, 1]);
  return reshape(turned && kh * kw > 1 ? reverse(runs, [2, 3]) : runs, [o, i, kh, kw]);
}

/** x of turnKernel(x). */
function peel(w: Tensor): Tensor | undefined {
  const [inner] = w.inputs;
  const swaps =
    w.primitive.name === "transpose" && (w.attributes.permutation as readonly number[]).join() === "1,0,2,3";
  const flips =
    inner?.primitive.name === "reverse" && (inner.attributes.axes as readonly number[]).join() === "2,3";
  return swaps && flips ? inner.inputs[0] : undefined;
}

/** Zeros up to the next multiple of B along a channel axis. */
function fill(w: Tensor, axis: number, block: number): Tensor {
  const missing = (block - (w.shape[axis]! % block)) % block;
  const along = (n: number): number[] => w.shape.map((_, a) => (a === axis ? n : 0));
  return pad(w, along(0), along(missing));
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

/** One phase of a transposed convolution: its taps [O, C, th, tw], to be turned, and the padding before the input. */
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
      row.push({ kernel: taps, low: [vertical.low, horizontal.low] });
    }
    phases.push(row);
  }
  return phases;
}
