/**
 * The weight gradient with packed operands (see operations/convolution.ts for the identity behind
 * it).
 */
import { BLOCKED_DOMAIN, type Emitter } from "../onnx/emitter.ts";
import { definePrimitive, makeNode, type Tensor } from "../tensor.ts";
import { type ConvGeometry, geometryOf, paddingBehind } from "./conv-geometry.ts";

type Pair = readonly [number, number];

const primitive = definePrimitive({
  name: "blockedConvWeight",
  infer: ([x, d], { kernelSize }) => ({
    shape: [d!.shape[1]!, x!.shape[1]!, ...(kernelSize as Pair)],
    dtype: "float32",
  }),
  lower,
});

/** An operand and whether its memory is blocked. */
export interface Operand {
  readonly tensor: Tensor;
  readonly packed: boolean;
}

/**
 * The gradient toward the kernel [O, C, kh, kw] from an image x [N, C, H, W] and d [N, O, H', W'],
 * each packed or plain.
 */
export function blockedConvWeight(
  x: Operand,
  d: Operand,
  geometry: ConvGeometry,
  kernelSize: Pair,
  block: number,
): Tensor {
  const { strides, padding, dilation } = geometry;
  const layouts = { packedImage: x.packed, packedGradient: d.packed };
  return makeNode(primitive, [x.tensor, d.tensor], {
    strides,
    padding,
    dilation,
    kernelSize,
    block,
    ...layouts,
  });
}

/**
 * Terms one GEMM should sum. The gradient is the GEMM's long side; shorter pieces of it stay in the
 * cache while the columns of the image pass, at the price of partial results to add up.
 */
const TERMS = 8192;
/** Partial results should not be more than this many numbers. */
const PARTIAL = 12e6;

/** Into how many groups of images to cut the sum. */
function groupsFor(images: number, pixels: number, kernelElements: number): number {
  let groups = 1;
  for (let g = 2; g <= images; g++)
    if (images % g === 0 && (images / g) * pixels >= TERMS / 2 && g * kernelElements <= PARTIAL) groups = g;
  return groups;
}

/**
 * A 3-D convolution over (H, W, C) with the images as channels: the image as [1, N, H, W, C], d as
 * a kernel [O, N, H', W', 1], the result [1, O, kh, kw, C]. With g groups of images d becomes [g·O,
 * N/g, H', W', 1] and the result has g parts to be added. Packed memory [N, O/B, H'W', B] gets
 * there by moving whole maps ([g, O/B, N/g, H'W', B]) and one reordering of the runs of B.
 */
function lower(emit: Emitter, node: Tensor, inputs: readonly string[]): string {
  const geometry = geometryOf(node);
  const { block, packedImage, packedGradient } = node.attributes as {
    block: number;
    packedImage: boolean;
    packedGradient: boolean;
  };
  const [x, d] = node.inputs as [Tensor, Tensor];
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [, o, dh, dw] = d.shape as [number, number, number, number];
  const [kh, kw] = node.attributes.kernelSize as Pair;
  const groups = groupsFor(n, dh * dw, o * c * kh * kw);
  const high = paddingBehind(geometry, [h, w], [dh, dw], [kh, kw]);
  if (!high) return emit.op("Expand", [emit.scalar(0), emit.ints(node.shape)]);

  const last = packedImage
    ? emit.operator(BLOCKED_DOMAIN, "ReorderOutput", [inputs[0]!], { channels: c, channels_last: 1 })
    : emit.op("Transpose", [inputs[0]!], { perm: [0, 2, 3, 1] });
  let image = emit.op("Reshape", [last, emit.ints([1, n, h, w, c])]);
  for (const axis of [0, 1] as const)
    if (high[axis] < 0)
      image = emit.op("Slice", [image, emit.ints([0]), emit.ints([high[axis]]), emit.ints([2 + axis])]);

  const result = emit.op("Conv", [image, gradientKernel()], {
    group: groups,
    kernel_shape: [dh, dw, 1],
    strides: [...geometry.dilation, 1],
    dilations: [...geometry.strides, 1],
    pads: [geometry.padding[0][0], geometry.padding[1][0], 0, Math.max(0, high[0]), Math.max(0, high[1]), 0],
  });
  const parts = emit.op("Reshape", [result, emit.ints([groups, o, kh * kw, c])]);
  const total =
    groups > 1
      ? emit.op("ReduceSum", [parts, emit.ints([0])], { keepdims: 0 })
      : emit.op("Reshape", [parts, emit.ints([o, kh * kw, c])]);
  return emit.op("Reshape", [emit.op("Transpose", [total], { perm: [0, 2, 1] }), emit.ints(node.shape)]);

  function gradientKernel(): string {
    const shape = emit.ints([groups * o, n / groups, dh, dw, 1]);
    if (!packedGradient) {
      const maps = emit.op("Reshape", [inputs[1]!, emit.ints([groups, n / groups, o, dh * dw])]);
      return emit.op("Reshape", [emit.op("Transpose", [maps], { perm: [0, 2, 1, 3] }), shape]);
    }
    const maps = emit.op("Reshape", [
      inputs[1]!,
      emit.ints([groups, n / groups, o / block, dh * dw * block]),
    ]);
    const swapped = emit.op("Transpose", [maps], { perm: [0, 2, 1, 3] });
    const runs = emit.op("Reshape", [
      swapped,
      emit.ints([(groups * o) / block, block, (n / groups) * dh, dw]),
    ]);
    return emit.op("Reshape", [
      emit.operator(BLOCKED_DOMAIN, "ReorderOutput", [runs], { channels: block }),
      shape,
    ]);
  }
}
