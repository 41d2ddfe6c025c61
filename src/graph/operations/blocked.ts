/**
 * Operations on feature maps in ONNX Runtime's blocked layout ("NCHWc"): channels in blocks of B =
 * 8 (AVX2) or 16 (AVX-512), the block innermost, [N, C/B, H, W, B] in memory while the declared
 * shape stays [N, C, H, W]. The runtime's direct convolutions for it are up to twice as fast as its
 * im2col ones (docs/performance.md). The operators live in an internal domain, so they are used
 * only where a probe at start-up found them working, and only the layout rewrite makes these nodes,
 * after differentiation.
 *
 * `packed` below means: a tensor declared [N, C, H, W] whose memory is blocked.
 */
import { BLOCKED_DOMAIN, type PlainAttributes } from "../onnx/emitter.ts";
import { definePrimitive, makeNode, type Tensor } from "../tensor.ts";
import { type ConvGeometry, geometryOf, onnxGeometry } from "./conv-geometry.ts";
import { lowerBilinear } from "./resample.ts";

const packPrimitive = definePrimitive({
  name: "pack",
  infer: ([x]) => x!,
  lower: (emit, _, inputs) => emit.operator(BLOCKED_DOMAIN, "ReorderInput", inputs),
});
/** Plain → packed; C must be a multiple of B. */
export const pack = (x: Tensor): Tensor => makeNode(packPrimitive, [x]);

const unpackPrimitive = definePrimitive({
  name: "unpack",
  infer: ([x], { channels }) => ({
    shape: [x!.shape[0]!, channels as number, x!.shape[2]!, x!.shape[3]!],
    dtype: "float32",
  }),
  lower: (emit, node, inputs) =>
    emit.operator(BLOCKED_DOMAIN, "ReorderOutput", inputs, { channels: node.attributes.channels as number }),
});
/** Packed → plain, keeping the first `channels` channels. */
export const unpack = (x: Tensor, channels: number): Tensor => makeNode(unpackPrimitive, [x], { channels });

const unpackLastPrimitive = definePrimitive({
  name: "unpackLast",
  infer: ([x]) => {
    const [n, c, h, w] = x!.shape as [number, number, number, number];
    return { shape: [n, h, w, c], dtype: "float32" };
  },
  lower: (emit, node, inputs) =>
    emit.operator(BLOCKED_DOMAIN, "ReorderOutput", inputs, { channels: node.shape[3]!, channels_last: 1 }),
});
/** Packed [N, C, H, W] → plain with the channels last, [N, H, W, C]. */
export const unpackLast = (x: Tensor): Tensor => makeNode(unpackLastPrimitive, [x]);

const takePrimitive = definePrimitive({
  name: "takeTaps",
  infer: ([w], { size }) => ({
    shape: [...w!.shape.slice(0, 2), ...(size as readonly number[])],
    dtype: "float32",
  }),
  lower: (emit, node, inputs) => {
    const [o, i, kh, kw] = node.inputs[0]!.shape as [number, number, number, number];
    const run = node.attributes.run as number;
    const runs = emit.op("Reshape", [inputs[0]!, emit.ints([(o * i) / run, kh * kw, run])]);
    const taken = emit.op("Gather", [runs, emit.ints(node.attributes.taps as readonly number[])], {
      axis: 1,
    });
    return emit.op("Reshape", [taken, emit.ints(node.shape)]);
  },
});
/**
 * Some of the taps of a blocked kernel [O, I, kh, kw], by their number y · kw + x, as a kernel of
 * `size`. `run`: how many numbers belong to one tap in one block.
 */
export function takeTaps(
  w: Tensor,
  taps: readonly number[],
  size: readonly [number, number],
  run: number,
): Tensor {
  const all = taps.length === w.shape[2]! * w.shape[3]! && taps.every((tap, i) => tap === i);
  return all ? w : makeNode(takePrimitive, [w], { taps, size, run });
}

/** What a blocked convolution may do besides convolving. */
export interface BlockedConv {
  /** Packed, or plain if it has fewer channels than a block. */
  readonly x: Tensor;
  /** Declared [O, I/groups, kh, kw], memory blocked as `blockKernel` does; O a multiple of B. */
  readonly w: Tensor;
  /** [O] */
  readonly bias?: Tensor | undefined;
  /** Packed, of the result's shape; added before the activation. */
  readonly sum?: Tensor | undefined;
  readonly geometry: ConvGeometry;
  readonly groups: number;
  /**
   * Slope below zero of the activation at the end: 0 for ReLU, more for leaky ReLU; undefined for
   * none.
   */
  readonly slope?: number | undefined;
}

const activation = (slope: number | undefined): PlainAttributes => {
  if (slope === undefined) return {};
  if (slope === 0) return { activation: "Relu" };
  return { activation: "LeakyRelu", activation_params: { floats: [slope] } };
};

const convPrimitive = definePrimitive({
  name: "blockedConv",
  infer: (_, attributes) => ({ shape: attributes.shape as readonly number[], dtype: "float32" }),
  lower: (emit, node, inputs) => {
    const { groups, slope, hasBias, hasSum, kernel } = node.attributes;
    const [x, w, ...rest] = inputs;
    const bias = hasBias ? rest[0]! : "";
    const sum = hasSum ? rest.at(-1)! : "";
    const operands = sum ? [x!, w!, bias, sum] : bias ? [x!, w!, bias] : [x!, w!];
    return emit.operator(BLOCKED_DOMAIN, "Conv", operands, {
      ...onnxGeometry(geometryOf(node)),
      kernel_shape: kernel as readonly number[],
      group: groups as number,
      ...activation(slope as number | undefined),
    });
  },
});

/** Convolution in the blocked layout → packed [N, O, H', W']. */
export function blockedConv(conv: BlockedConv, shape: readonly number[]): Tensor {
  const { x, w, bias, sum, geometry, groups, slope } = conv;
  const kernel = w.shape.slice(2);
  return makeNode(convPrimitive, [x, w, ...(bias ? [bias] : []), ...(sum ? [sum] : [])], {
    strides: geometry.strides,
    padding: geometry.padding,
    dilation: geometry.dilation,
    groups,
    ...(slope !== undefined && { slope }),
    hasBias: bias !== undefined,
    hasSum: sum !== undefined,
    kernel,
    shape,
  });
}

/** Read a node made by `blockedConv` back, to make a variant of it. */
export function asBlockedConv(node: Tensor): BlockedConv | undefined {
  if (node.primitive !== convPrimitive) return undefined;
  const { groups, slope, hasBias, hasSum } = node.attributes;
  const [x, w, ...rest] = node.inputs;
  return {
    x: x!,
    w: w!,
    bias: hasBias ? rest[0] : undefined,
    sum: hasSum ? rest.at(-1) : undefined,
    geometry: geometryOf(node),
    groups: groups as number,
    slope: slope as number | undefined,
  };
}

const averagePrimitive = definePrimitive({
  name: "blockedSpatialMean",
  infer: ([x]) => ({ shape: [...x!.shape.slice(0, 2), 1, 1], dtype: "float32" }),
  lower: (emit, _, inputs) => emit.operator(BLOCKED_DOMAIN, "GlobalAveragePool", inputs),
});
/** Packed [N, C, H, W] → means over H and W, [N, C, 1, 1] (where the two layouts agree). */
export const blockedSpatialMean = (x: Tensor): Tensor => makeNode(averagePrimitive, [x]);

const poolPrimitive = definePrimitive({
  name: "blockedAveragePool",
  infer: ([x], { window }) => {
    const [n, c, h, w] = x!.shape as [number, number, number, number];
    return { shape: [n, c, h / (window as number), w / (window as number)], dtype: "float32" };
  },
  lower: (emit, node, inputs) => {
    const k = node.attributes.window as number;
    return emit.operator(BLOCKED_DOMAIN, "AveragePool", inputs, {
      kernel_shape: [k, k],
      strides: [k, k],
      pads: [0, 0, 0, 0],
      dilations: [1, 1],
    });
  },
});
/** Packed → packed means of non-overlapping patches. */
export const blockedAveragePool = (x: Tensor, window: number): Tensor =>
  makeNode(poolPrimitive, [x], { window });

const upsamplePrimitive = definePrimitive({
  name: "blockedUpsample",
  infer: ([x], { factor }) => {
    const [n, c, h, w] = x!.shape as [number, number, number, number];
    return { shape: [n, c, h * (factor as number), w * (factor as number)], dtype: "float32" };
  },
  lower: (emit, node, inputs) => {
    const { factor, mode } = node.attributes as { factor: number; mode: string };
    const linear = mode === "linear" ? { coordinate_transformation_mode: "half_pixel" } : {};
    return emit.operator(BLOCKED_DOMAIN, "Upsample", inputs, {
      scales: [1, 1, factor, factor],
      mode,
      ...linear,
    });
  },
});
/** Packed → packed, enlarged by repetition or (half-pixel) linear interpolation. */
export const blockedUpsample = (x: Tensor, factor: number, mode: "nearest" | "linear"): Tensor =>
  makeNode(upsamplePrimitive, [x], { factor, mode });

const bilinearAdjointPrimitive = definePrimitive({
  name: "blockedBilinearAdjoint",
  infer: ([x]) => {
    const [n, c, h, w] = x!.shape as [number, number, number, number];
    return { shape: [n, c, h / 2, w / 2], dtype: "float32" };
  },
  lower: (emit, node, inputs) => {
    const [n, c, h, w] = node.shape as [number, number, number, number];
    const block = node.attributes.block as number;
    const value = lowerBilinear(emit, inputs[0]!, (n * c) / block, [h, w], block, "adjoint");
    return emit.op("Reshape", [value, emit.ints(node.shape)]);
  },
});
/** Packed → packed: the adjoint of bilinear doubling. */
export const blockedBilinearAdjoint = (dy: Tensor, block: number): Tensor =>
  makeNode(bilinearAdjointPrimitive, [dy], { block });
