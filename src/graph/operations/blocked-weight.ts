/** The weight gradient with a packed image (see operations/convolution.ts for the identity behind it). */
import type { Emitter } from "../onnx/emitter.ts";
import { makeNode, type Primitive, type Tensor } from "../tensor.ts";
import { type ConvGeometry, geometryOf } from "./convolution.ts";

type Pair = readonly [number, number];

const primitive: Primitive = {
  name: "blockedConvWeight",
  infer: ([x, d], { kernelSize }) => ({
    shape: [d!.shape[1]!, x!.shape[1]!, ...(kernelSize as Pair)],
    dtype: "float32",
  }),
  lower,
};

/**
 * The gradient towards the kernel [O, C, kh, kw] from a packed image x [N, C, H, W] and a plain d [N, O, H', W'].
 */
export function blockedConvWeight(
  x: Tensor,
  d: Tensor,
  geometry: ConvGeometry,
  kernelSize: Pair,
  block: number,
): Tensor {
  const { strides, padding, dilation } = geometry;
  return makeNode(primitive, [x, d], { strides, padding, dilation, kernelSize, block });
}

/**
 * A 3-D convolution over (H, W, B) with the blocks of channels as its batch and the images as its channels: [C/B, N, H, W, B]
 * convolved with d seen as a kernel [O, N, H', W', 1] gives [C/B, O, kh, kw, B]. Bringing a packed image into that form only swaps its
 * two outer axes, which copies whole maps.
 */
function lower(emit: Emitter, node: Tensor, inputs: readonly string[]): string {
  const g = geometryOf(node);
  const [x, d] = node.inputs as [Tensor, Tensor];
  const block = node.attributes.block as number;
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [, o, dh, dw] = d.shape as [number, number, number, number];
  const [kh, kw] = node.attributes.kernelSize as Pair;
  const high = ([0, 1] as const).map((axis) => {
    const span =
      g.dilation[axis] * ((axis === 0 ? kh : kw) - 1) + g.strides[axis] * ((axis === 0 ? dh : dw) - 1) + 1;
    return span - (axis === 0 ? h : w) - g.padding[axis][0];
  }) as [number, number];

  const maps = emit.op("Reshape", [inputs[0]!, emit.ints([n, c / block, h * w * block])]);
  const swapped = emit.op("Transpose", [maps], { perm: [1, 0, 2] });
  let image = emit.op("Reshape", [swapped, emit.ints([c / block, n, h, w, block])]);
  for (const axis of [0, 1] as const)
    if (high[axis] < 0)
      image = emit.op("Slice", [image, emit.ints([0]), emit.ints([high[axis]]), emit.ints([2 + axis])]);

  const gradient = emit.op("Reshape", [inputs[1]!, emit.ints([n, o, dh * dw])]);
  const kernel = emit.op("Reshape", [
    emit.op("Transpose", [gradient], { perm: [1, 0, 2] }),
    emit.ints([o, n, dh, dw, 1]),
  ]);
  const result = emit.op("Conv", [image, kernel], {
    kernel_shape: [dh, dw, 1],
    strides: [...g.dilation, 1],
    dilations: [...g.strides, 1],
    pads: [g.padding[0][0], g.padding[1][0], 0, Math.max(0, high[0]), Math.max(0, high[1]), 0],
  });
  const taps = emit.op("Reshape", [result, emit.ints([c / block, o, kh * kw, block])]);
  return emit.op("Reshape", [emit.op("Transpose", [taps], { perm: [1, 0, 3, 2] }), emit.ints(node.shape)]);
}
