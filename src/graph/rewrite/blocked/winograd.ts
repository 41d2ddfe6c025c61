/**
 * Winograd's minimal filtering along the rows of 3 × 3 convolutions (Winograd 1980; Lavin and Gray
 * 2015, arXiv 1509.09308), in the blocked layout. F(4, 3) makes four neighboring results of a
 * filter of three taps from six products instead of twelve:
 *
 *     y = Aᵀ [(G w) ⊙ (Bᵀ x)]     x six neighboring values, w three taps, y four results                                   (1)
 *
 * with the interpolation points 0, ±1, ±2 and ∞. Only the columns are transformed: for every row of
 * the kernel (1) holds along x, and rows and channels are summed as before. So a 3 × 3 convolution
 * becomes six convolutions of 3 × 1, each on a quarter of the columns, half the arithmetic. In two
 * directions it would be a quarter, but the transforms cost passes over memory, which grow with it.
 *
 *     u_j  a depthwise convolution of stride 4 along rows with row j of Bᵀ         [N, C, H, W/4]
 *     m_j  a convolution of u_j with the 3 × 1 kernel G_j w                        [N, O, H, W/4]
 *     y_r  columns 4i + r of the result, for r = 0…3, from the m_j by sums, most of which the convolutions do in passing
 *
 * The error is a few times that of a direct convolution (its largest coefficient is 8), far below
 * what training notices.
 */
import { asBlockedConv, type BlockedConv, blockedConv } from "../../operations/blocked.ts";
import { add, concat, constant, matmul, reshape, sliceAxis, transpose } from "../../operations/index.ts";
import type { Tensor } from "../../tensor.ts";
import type { Rule } from "../rewrite.ts";
import { UNIT } from "./convolution.ts";

/** Results in a tile. */
const TILE = 4;
/** Bᵀ; column k belongs to the value k − 1 columns behind the tile's first result. */
const INPUT = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
] as const;
/** G, with rows 2 and 4 negated: only −m₂ and −m₄ are wanted (see `inTiles`). */
const KERNEL = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [1 / 6, -1 / 6, 1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [-1 / 24, 1 / 12, -1 / 6],
  [0, 0, 1],
] as const;

/**
 * Half the arithmetic must be worth the transforms: with I inputs and O outputs it saves 4.5 · I ·
 * O for every pixel, and the transforms cost a number of passes over I + O values. Measured, 64
 * channels come out even, 128 gain a fifth, 256 a third.
 */
const WORTH = 64;

type Four = readonly [number, number, number, number];

/** The rule, for graphs in the blocked layout. */
export const winograd = (block: number): Rule => {
  const depthwise = depthwiseKernels(block);
  return (node) => {
    const conv = asBlockedConv(node);
    return conv && applies(conv, node) ? inTiles(conv, node, block, depthwise) : undefined;
  };
};

/** A constant kernel [C, 1, 1, T] of the same taps for every channel, blocked. */
type DepthwiseKernel = (channels: number, taps: readonly number[]) => Tensor;

/** Depthwise kernels; those that are equal are one node. In memory they are [C/B, T, B]. */
function depthwiseKernels(block: number): DepthwiseKernel {
  const made = new Map<string, Tensor>();
  return (channels, taps) => {
    const key = `${channels}: ${taps.join()}`;
    const known = made.get(key);
    if (known) return known;
    const values = Float32Array.from(
      { length: channels * taps.length },
      (_, i) => taps[Math.floor(i / block) % taps.length]!,
    );
    const kernel = constant(values, [channels, 1, 1, taps.length]);
    made.set(key, kernel);
    return kernel;
  };
}

function applies({ x, w, geometry, groups }: BlockedConv, node: Tensor): boolean {
  const [, o, , width] = node.shape as Four;
  const i = w.shape[1]!;
  return (
    groups === 1 &&
    w.shape.slice(2).join() === "3,3" &&
    [...geometry.strides, ...geometry.dilation, ...geometry.padding[1]].every((n) => n === 1) &&
    width === x.shape[3] &&
    width % TILE === 0 &&
    (i * o) / (i + o) >= WORTH
  );
}

function inTiles(conv: BlockedConv, node: Tensor, block: number, depthwise: DepthwiseKernel): Tensor {
  const [n, o, h, width] = node.shape as Four;
  const quarter = [n, o, h, width / TILE];
  const images = INPUT.map((coefficients) => transformed(conv.x, coefficients, depthwise));
  const kernels = transformedKernels(conv.w, block);
  const geometry = { ...UNIT, padding: [conv.geometry.padding[0], [0, 0]] as const };
  // A bias and an activation are for each result by itself; a sum has the whole result's shape and comes after.
  const last = { bias: conv.bias, slope: conv.sum ? undefined : conv.slope };
  const product = (j: number, sum?: Tensor, own: Partial<BlockedConv> = {}): Tensor =>
    blockedConv({ x: images[j]!, w: kernels[j]!, geometry, groups: 1, sum, ...own }, quarter);
  /** factor · x + sum, in one pass. */
  const scaledSum = (x: Tensor, factor: number, sum: Tensor, own: Partial<BlockedConv> = {}): Tensor =>
    blockedConv({ x, w: depthwise(o, [factor]), geometry: UNIT, groups: o, sum, ...own }, x.shape);

  // With s = m₁ + m₂, d = m₁ − m₂, s' = m₃ + m₄, d' = m₃ − m₄ the rows of Aᵀ are m₀ + s + s', d + 2d', s + 4s', d + 8d' + m₅. The negated
  // m₂ comes from a negated kernel, d from the sum a convolution can take in, and s is d + 2m₂.
  const [minus2, minus4] = [product(2), product(4)];
  const [d1, d2] = [product(1, minus2), product(3, minus4)];
  const [s1, s2] = [scaledSum(minus2, -2, d1), scaledSum(minus4, -2, d2)];
  const columns = [
    product(0, add(s1, s2), last),
    scaledSum(d2, 2, d1, last),
    scaledSum(s2, 4, s1, last),
    product(5, scaledSum(d2, 8, d1), last),
  ];
  const pixels = ((n * o) / block) * h * (width / TILE);
  const rows = concat(
    columns.map((column) => reshape(column, [pixels, 1, block])),
    1,
  );
  const y = reshape(rows, node.shape);
  return conv.sum ? scaledSum(y, 1, conv.sum, { slope: conv.slope }) : y;
}

/**
 * u_j of packed x [N, C, H, W] → [N, C, H, W/4]; zeros at the ends of the coefficients need no
 * taps.
 */
function transformed(x: Tensor, coefficients: readonly number[], depthwise: DepthwiseKernel): Tensor {
  const [n, c, h, width] = x.shape as Four;
  const first = coefficients.findIndex((v) => v !== 0);
  const taps = coefficients.slice(first, coefficients.findLastIndex((v) => v !== 0) + 1);
  const padding = [
    [0, 0],
    [1 - first, first + taps.length - 5],
  ] as const;
  return blockedConv(
    {
      x,
      w: depthwise(c, taps),
      geometry: { ...UNIT, strides: [1, TILE], padding },
      groups: c,
    },
    [n, c, h, width / TILE],
  );
}

/**
 * G_j w for j = 0…5 (negated for 2 and 4) of a blocked kernel [O, I, 3, 3], memory [O/B · I/B · 3,
 * 3, B · B] → six [O, I, 3, 1].
 */
function transformedKernels(w: Tensor, block: number): Tensor[] {
  const [o, i] = w.shape as Four;
  const rows = ((o * i) / block ** 2) * 3;
  const taps = transpose(reshape(w, [rows, 3, block ** 2]), [1, 0, 2]);
  const all = matmul(constant(KERNEL.flat(), [6, 3]), reshape(taps, [3, rows * block ** 2]));
  return INPUT.map((_, j) => reshape(sliceAxis(all, 0, j, j + 1), [o, i, 3, 1]));
}
