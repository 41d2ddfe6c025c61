/** Kernels for the blocked layout, prepared in the graph (they change at every training step). */
import { pack, takeTaps } from "../../operations/blocked.ts";
import { type ConvGeometry, concat, pad, reshape, transpose } from "../../operations/index.ts";
import type { Tensor } from "../../tensor.ts";

/**
 * [O, I, kh, kw] → the same declared shape with memory [O/B, I/B, kh, kw, B of I, B of O]; with
 * fewer input channels than a block [O/B, I, kh, kw, B of O]. O is filled up with zeros to a
 * multiple of B. `turned` blocks w~ (flipped, channels swapped) instead.
 */
export function blockKernel(w: Tensor, block: number, turned = false): Tensor {
  const [kh, kw] = w.shape.slice(2) as [number, number];
  const every = Array.from({ length: kh * kw }, (_, i): Tap => [Math.floor(i / kw), i % kw]);
  return blockTaps(w, block, turned)(turned ? every.reverse() : every, [kh, kw]);
}

/** Row and column of a tap. */
type Tap = readonly [number, number];

/**
 * The channels of w blocked, or with `turned` those of w with its channel axes swapped, its taps
 * not moved yet: a function that takes taps of w, in the order of a new kernel of `size`. Many
 * kernels can be taken of one; taps are long runs by then.
 */
export function blockTaps(
  w: Tensor,
  block: number,
  turned: boolean,
): (taps: readonly Tap[], size: readonly [number, number]) => Tensor {
  const [kh, kw] = w.shape.slice(2) as [number, number];
  const before = peel(w);
  if (before) {
    const take = blockTaps(before, block, !turned);
    return (taps, size) =>
      take(
        taps.map(([y, x]) => [kh - 1 - y, kw - 1 - x]),
        size,
      );
  }
  const [outputs, inputs] = turned ? [1, 0] : [0, 1];
  const filled = fill(w, outputs, block);
  const [o, i] = [filled.shape[outputs]!, filled.shape[inputs]!];
  const inner = i < block ? 1 : block;
  const taps = kh * kw;
  // Blocks of outputs first, as for maps: the runtime's reordering is much faster than a transposition of single numbers. What is left
  // to transpose are runs of a block.
  const runs = turned
    ? transpose(
        reshape(pack(reshape(filled, [i, o, 1, taps])), [i / inner, inner, o / block, taps, block]),
        [2, 0, 3, 1, 4],
      )
    : transpose(
        reshape(pack(reshape(filled, [1, o, 1, i * taps])), [o / block, i / inner, inner, taps, block]),
        [0, 1, 3, 2, 4],
      );
  const memory = reshape(runs, [o, i, kh, kw]);
  return (chosen, size) =>
    takeTaps(
      memory,
      chosen.map(([y, x]) => y * kw + x),
      size,
      inner * block,
    );
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
 * Put four phase images of the same size back together: `phases[a][b]` holds the values at rows 2i
 * + a and columns 2j + b. Packed tensors [N, C, H, W] → [N, C, 2H, 2W]; runs of B floats move as
 * one.
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

/**
 * One phase of a transposed convolution: the taps of its kernel, in its order, and the padding
 * before the input.
 */
export interface Phase {
  readonly taps: readonly Tap[];
  readonly size: readonly [number, number];
  readonly low: readonly [number, number];
}

/**
 * A stride-f transposed convolution as f × f stride-1 convolutions, one for each phase of the
 * result. Along one axis, the value at y = f·i + a gathers d[j] w[k] over all j, k with f·j + k − p
 * = y. So only taps k = k₀ + f·t with k₀ = (a + p) mod f count, and j = i + m − t with m = (a + p −
 * k₀)/f: a correlation with the T taps in reverse order, T − 1 − m zeros before the input.
 * `undefined` where a phase has no taps or would need the input cut.
 */
export function phaseKernels(
  size: readonly [number, number],
  geometry: ConvGeometry,
  f: number,
): Phase[][] | undefined {
  const along = (axis: 0 | 1, a: number): { taps: number[]; low: number } | undefined => {
    const k0 = (a + geometry.padding[axis][0]) % f;
    const count = Math.ceil((size[axis] - k0) / f);
    const low = count - 1 - (a + geometry.padding[axis][0] - k0) / f;
    const taps = Array.from({ length: Math.max(0, count) }, (_, t) => k0 + f * (count - 1 - t));
    return count > 0 && low >= 0 ? { taps, low } : undefined;
  };
  const phases: Phase[][] = [];
  for (let a = 0; a < f; a++) {
    const row: Phase[] = [];
    for (let b = 0; b < f; b++) {
      const [vertical, horizontal] = [along(0, a), along(1, b)];
      if (!vertical || !horizontal) return undefined;
      row.push({
        taps: vertical.taps.flatMap((y) => horizontal.taps.map((x): Tap => [y, x])),
        size: [vertical.taps.length, horizontal.taps.length],
        low: [vertical.low, horizontal.low],
      });
    }
    phases.push(row);
  }
  return phases;
}
