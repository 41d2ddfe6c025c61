/**
 * The weight gradient on packed maps, in one of two forms: as a direct convolution over the batch,
 * where batch and channels fill blocks; else as a 3-D convolution (operations/blocked-weight.ts).
 *
 * The direct form. The gradient of tap (i, j) from channel c to channel o is a sum over images and
 * pixels,
 *
 *     ∂w[o, c, i, j] = Σ_{n, y, x} X[n, c, s·y + i − p, s·x + j − q] · D[n, o, y, x]            (s stride, p and q padding)
 *
 * Seen with the images as channels, that is a convolution of X with the large kernel D, dilated by
 * s, whose few results are the taps. So few that direct convolutions, which work along rows of
 * results, would be slow. But c is free: with the channels of X innermost, a row [W, C] is one long
 * row of W·C values in which one pixel further means C further. The kernel, dilated by C, then
 * gives kw·C values in a row, one run of C for each tap:
 *
 *     image [1, N, H, (q + W + q')·C]   kernel [O, N, H', W'], dilation [s, s·C]   result [1, O, kh, kw·C]
 *
 * ONNX Runtime's direct convolutions compute it at nearly the speed they have forward, 1.3 to 1.6
 * times that of the 3-D form's im2col.
 */
import { blockedConv, pack, unpack, unpackLast } from "../../operations/blocked.ts";
import { blockedConvWeight, type Operand } from "../../operations/blocked-weight.ts";
import {
  broadcastTo,
  type ConvGeometry,
  concat,
  constant,
  flippedPadding,
  geometryOf,
  paddingBehind,
  reshape,
  sliceAxis,
  sum,
  transpose,
  turnKernel,
} from "../../operations/index.ts";
import type { Tensor } from "../../tensor.ts";
import { type FeatureMaps, fillsBlocks, type LayoutRule, packedOf, plainOf } from "./maps.ts";

type Pair = readonly [number, number];
type Four = readonly [number, number, number, number];

/** The gradient toward a kernel, of blocked maps. */
export const convolveWeight: LayoutRule = (maps, node) => {
  const [x, d] = node.inputs as [Tensor, Tensor];
  if (!maps.packed.has(x) && !maps.packed.has(d)) return undefined;
  const geometry = geometryOf(node);
  const kernel = node.attributes.kernelSize as Pair;
  // The operand with few channels should be the image, whose columns are written out; for stride 1 the roles may be changed.
  const padding = flippedPadding(geometry, kernel);
  const result =
    d.shape[1]! < maps.block && padding
      ? turnKernel(weightGradient(maps, d, x, { ...geometry, padding }, kernel))
      : weightGradient(maps, x, d, geometry, kernel);
  maps.plain.set(node, result);
  return undefined;
};

function weightGradient(
  maps: FeatureMaps,
  x: Tensor,
  d: Tensor,
  geometry: ConvGeometry,
  kernel: Pair,
): Tensor {
  const operand = (t: Tensor): Operand => ({
    tensor: maps.packed.get(t) ?? plainOf(maps, t),
    packed: maps.packed.has(t),
  });
  const direct = maps.directWeights && directWeightGradient(maps, x, d, geometry, kernel);
  return direct || blockedConvWeight(operand(x), operand(d), geometry, kernel, maps.block);
}

/**
 * The direct form, plain [O, C, kh, kw]; `undefined` where the batch or the channels of d do not
 * fill blocks, or for dilated kernels.
 */
function directWeightGradient(
  maps: FeatureMaps,
  x: Tensor,
  d: Tensor,
  geometry: ConvGeometry,
  [kh, kw]: Pair,
): Tensor | undefined {
  const [n, c, h, w] = x.shape as Four;
  const [, o, dh, dw] = d.shape as Four;
  const behind = paddingBehind(geometry, [h, w], [dh, dw], [kh, kw]);
  const dilated = geometry.dilation.some((step) => step !== 1);
  if (dilated || !behind || n % maps.block !== 0 || !fillsBlocks(maps, o)) return undefined;
  const groups = groupsFor(n / maps.block, Math.ceil(o / (4 * maps.block)) * kh, o * c * kh * kw);
  const { strides, padding } = geometry;
  const conv = {
    x: imagesAsChannels(maps, x, behind[0], [padding[1][0], behind[1]]),
    w: gradientAsKernel(maps, d, groups),
    geometry: {
      strides: [1, 1] as const,
      padding: [
        [padding[0][0], Math.max(0, behind[0])],
        [0, 0],
      ] as const,
      dilation: [strides[0], strides[1] * c] as const,
    },
    groups,
  };
  const parts = blockedConv(conv, [1, groups * o, kh, kw * c]);
  const total = groups > 1 ? sum(reshape(parts, [groups, o * kh * kw * c]), [0]) : parts;
  const plain = unpack(reshape(total, [1, o, kh, kw * c]), o);
  return transpose(reshape(plain, [o, kh, kw, c]), [0, 3, 1, 2]);
}

/**
 * Rows of results (of up to four blocks of outputs) that threads can share out should be this many
 * at least.
 */
const ROWS = 24;
/** Partial results should not be more than this many numbers. */
const PARTIAL = 6e6;

/** Into how many groups to cut the sum over the images, so that there is work for every thread. */
function groupsFor(blocks: number, rows: number, kernelElements: number): number {
  for (let g = 1; g <= blocks; g++)
    if (blocks % g === 0 && g * rows >= ROWS && g * kernelElements <= PARTIAL) return g;
  return 1;
}

/**
 * x [N, C, H, W] → declared [1, N, H, W'·C], packed along N, W' wide with zeros beside the rows
 * (padding above and below is the convolution's). A negative number behind cuts.
 */
function imagesAsChannels(maps: FeatureMaps, x: Tensor, below: number, [left, right]: Pair): Tensor {
  const { block } = maps;
  const packed = maps.packed.get(x);
  let last = packed ? unpackLast(packed) : transpose(plainOf(maps, x), [0, 2, 3, 1]);
  if (below < 0) last = sliceAxis(last, 1, 0, last.shape[1]! + below);
  if (right < 0) last = sliceAxis(last, 2, 0, last.shape[2]! + right);
  const [n, h, w, c] = last.shape as Four;
  const rows = reshape(pack(reshape(last, [1, n, 1, h * w * c])), [(n / block) * h, w * c * block]);
  const zeros = (count: number): Tensor[] =>
    count > 0 ? [broadcastTo(constant(0), [(n / block) * h, count * c * block])] : [];
  const wide = concat([...zeros(left), rows, ...zeros(right)], 1);
  return reshape(wide, [1, n, h, wide.shape[1]! / block]);
}

/**
 * d [N, O, H, W] → declared [g·O, N/g, H, W], in the memory of a blocked kernel: [g, O/B, N/(g·B),
 * H·W, B of N, B of O].
 */
function gradientAsKernel(maps: FeatureMaps, d: Tensor, groups: number): Tensor {
  const { block } = maps;
  const [n, o, h, w] = d.shape as Four;
  const memory = reshape(packedOf(maps, d), [groups, n / groups / block, block, o / block, h * w, block]);
  return reshape(transpose(memory, [0, 3, 1, 4, 2, 5]), [groups * o, n / groups, h, w]);
}
