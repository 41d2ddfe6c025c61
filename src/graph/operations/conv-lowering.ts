/**
 * Convolutions and their adjoints as ONNX operators, whole or in groups: what `convolution.ts` and
 * `grouped-lowering.ts` share.
 */
import type { Emitter, PlainAttributes } from "../onnx/emitter.ts";
import type { Tensor } from "../tensor.ts";
import {
  type ConvGeometry,
  flippedPadding,
  geometryOf,
  onnxGeometry,
  type Pair,
  paddingBehind,
  type Shape4,
  shapeOf,
} from "./conv-geometry.ts";

/** Attributes of Conv and ConvTranspose; ONNX takes `group` for 1 where it is left out. */
const convAttributes = (
  g: ConvGeometry,
  size: Pair,
  groups: number,
  more: PlainAttributes = {},
): PlainAttributes => ({
  ...onnxGeometry(g),
  kernel_shape: size,
  ...more,
  ...(groups > 1 && { group: groups }),
});

/** x, w (and a bias) → y. @param size of the kernel */
export const lowerForward = (
  emit: Emitter,
  node: Tensor,
  inputs: readonly string[],
  size: Pair,
  groups = 1,
): string => emit.op("Conv", inputs, convAttributes(geometryOf(node), size, groups));

/**
 * d, w (and a bias) → gradient by x. ConvTranspose is slower than Conv (docs/performance.md), so
 * stride 1 becomes Conv with the kernel of the adjoint.
 * @param w shape of the kernel, [O, C/g, kh, kw]
 */
export function lowerInputGradient(
  emit: Emitter,
  node: Tensor,
  [gradient, kernel, ...bias]: readonly string[],
  w: Shape4,
  groups = 1,
): string {
  const g = geometryOf(node);
  const size: Pair = [w[2], w[3]];
  const padding = flippedPadding(g, size);
  if (padding) {
    const adjoint = flipped(emit, swapped(emit, kernel!, w, groups), size);
    return emit.op("Conv", [gradient!, adjoint, ...bias], convAttributes({ ...g, padding }, size, groups));
  }
  const d = node.inputs[0]!;
  const extra = ([0, 1] as const).map((axis) => {
    const [low, high] = g.padding[axis];
    const reached =
      (d.shape[2 + axis]! - 1) * g.strides[axis] + g.dilation[axis] * (size[axis] - 1) + 1 - low - high;
    return node.shape[2 + axis]! - reached;
  });
  const attributes = convAttributes(g, size, groups, { output_padding: extra });
  return emit.op("ConvTranspose", [gradient!, kernel!, ...bias], attributes);
}

/**
 * A kernel [O, C/g, kh, kw] with its channels swapped within each group: [C, O/g, kh, kw].
 */
function swapped(emit: Emitter, kernel: string, [o, each, kh, kw]: Shape4, groups: number): string {
  if (groups === 1) return emit.op("Transpose", [kernel], { perm: [1, 0, 2, 3] });
  const parts = emit.op("Reshape", [kernel, emit.ints([groups, o / groups, each, kh, kw])]);
  const turned = emit.op("Transpose", [parts], { perm: [0, 2, 1, 3, 4] });
  return emit.op("Reshape", [turned, emit.ints([each * groups, o / groups, kh, kw])]);
}

/** A kernel flipped in both directions. */
function flipped(emit: Emitter, kernel: string, [kh, kw]: Pair): string {
  // Written even where it is not used: the names of all later values count on it.
  const far = emit.ints([-(2 ** 31), -(2 ** 31)]);
  if (kh * kw === 1) return kernel;
  return emit.op("Slice", [kernel, emit.ints([-1, -1]), far, emit.ints([2, 3]), emit.ints([-1, -1])]);
}

/**
 * x, d → gradient by w, as one 3-D convolution over (H, W, C) with the batch as channels: the
 * image, seen as [1, g·N, H, W, C/g], is convolved in g groups with the gradient, seen as a kernel
 * [O, N, H', W', 1]; stride and dilation change places. The result [1, O, kh, kw, C/g] is the
 * gradient up to a transposition. ONNX Runtime then does the im2col inside its GEMM, over runs of C
 * values.
 */
export function lowerWeightGradient(
  emit: Emitter,
  node: Tensor,
  [image, gradient]: readonly string[],
  groups = 1,
): string {
  const g = geometryOf(node);
  const x = shapeOf(node.inputs[0]!);
  const [n, o, dh, dw] = shapeOf(node.inputs[1]!);
  const [, each, kh, kw] = shapeOf(node);
  const high = paddingBehind(g, [x[2], x[3]], [dh, dw], [kh, kw]);
  if (!high) return emit.op("Expand", [emit.scalar(0), emit.ints(node.shape)]);
  let volume = channelsLast(emit, image!, x, groups);
  for (const axis of [0, 1] as const) {
    const cut = Math.min(0, high[axis]);
    if (cut < 0) volume = emit.op("Slice", [volume, emit.ints([0]), emit.ints([cut]), emit.ints([2 + axis])]);
  }
  const byChannel = emit.op("Transpose", [gradient!], { perm: [1, 0, 2, 3] });
  const kernel = emit.op("Reshape", [byChannel, emit.ints([o, n, dh, dw, 1])]);
  const result = emit.op("Conv", [volume, kernel], {
    kernel_shape: [dh, dw, 1],
    strides: [...g.dilation, 1],
    dilations: [...g.strides, 1],
    pads: [g.padding[0][0], g.padding[1][0], 0, Math.max(0, high[0]), Math.max(0, high[1]), 0],
    ...(groups > 1 && { group: groups }),
  });
  const matrix = emit.op("Reshape", [result, emit.ints([o, kh, kw, each])]);
  return emit.op("Transpose", [matrix], { perm: [0, 3, 1, 2] });
}

/** An image [N, C, H, W] as [1, g·N, H, W, C/g]. */
function channelsLast(emit: Emitter, image: string, [n, c, h, w]: Shape4, groups: number): string {
  if (groups === 1) {
    const nhwc = emit.op("Transpose", [image], { perm: [0, 2, 3, 1] });
    return emit.op("Reshape", [nhwc, emit.ints([1, n, h, w, c])]);
  }
  const each = c / groups;
  const parts = emit.op("Reshape", [image, emit.ints([n, groups, each, h * w])]);
  const last = emit.op("Transpose", [parts], { perm: [1, 0, 3, 2] });
  return emit.op("Reshape", [last, emit.ints([1, groups * n, h, w, each])]);
}
