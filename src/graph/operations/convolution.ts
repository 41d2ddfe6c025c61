/**
 * Convolution and its two adjoints. With T(x, w, d) = ⟨conv(x, w), d⟩, a form linear in each of its
 * three arguments,
 *
 *     conv(x, w)       is T's derivative by d,
 *     convInput(d, w)  its derivative by x,
 *     convWeight(x, d) its derivative by w.
 *
 * The derivatives of each of the three are therefore the other two, and gradients of any order
 * exist. All three share one geometry (strides, padding, dilation) that is always that of the
 * forward convolution. Layouts: x [N, C, H, W], w [O, C, kh, kw], d [N, O, H', W'].
 * Cross-correlation with zero padding, as in every GAN code base. `conv` and `convInput` take an
 * optional bias, which the operators beneath add for free.
 */
import type { Emitter } from "../onnx/emitter.ts";
import { sameShape } from "../shape.ts";
import { type Attributes, definePrimitive, makeNode, type Tensor } from "../tensor.ts";
import { sum } from "./broadcast.ts";
import {
  asOptions,
  type ConvGeometry,
  type ConvOptions,
  convGeometry,
  flippedPadding,
  geometryIn,
  geometryOf,
  onnxGeometry,
  outputSize,
  type Pair,
  paddingBehind,
} from "./conv-geometry.ts";
import { reverse, transpose } from "./movement.ts";
import { lowerTapProducts } from "./tap-products.ts";

const attributesOf = ({ strides, padding, dilation }: ConvGeometry): Attributes => ({
  strides,
  padding,
  dilation,
});

type Fail = (reason: string) => never;

function checkRanks(tensors: readonly (Tensor | undefined)[], fail: Fail): void {
  if (tensors.some((t) => t!.shape.length !== 4)) fail("needs two tensors of rank 4");
  if (tensors.some((t) => t!.dtype !== "float32")) fail("needs float32 (see cast)");
}

function checkBias(bias: Tensor | undefined, channels: number, fail: Fail): void {
  if (bias && !sameShape(bias.shape, [channels])) fail(`the bias must be [${channels}]`);
}

const biasGradient = (node: Tensor, dy: Tensor): Tensor[] =>
  node.inputs.length > 2 ? [sum(dy, [0, 2, 3])] : [];

const convPrimitive = definePrimitive({
  name: "conv2d",
  infer: ([x, w, bias], attributes, fail) => {
    checkRanks([x, w], fail);
    const g = geometryIn(attributes);
    const [n, c, h, wide] = x!.shape as [number, number, number, number];
    const [o, c2, kh, kw] = w!.shape as [number, number, number, number];
    if (c !== c2) fail(`the image has ${c} channels, the kernel expects ${c2}`);
    checkBias(bias, o, fail);
    const size = [outputSize(h, kh, g, 0), outputSize(wide, kw, g, 1)] as const;
    if (size[0] < 1 || size[1] < 1) fail("the kernel is larger than the padded image");
    return { shape: [n, o, ...size], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [x, w] = node.inputs as [Tensor, Tensor];
    const g = geometryOf(node);
    return [
      convInput(dy, w, g, [x.shape[2]!, x.shape[3]!]),
      convWeight(x, dy, g, [w.shape[2]!, w.shape[3]!]),
      ...biasGradient(node, dy),
    ];
  },
  lower: (emit, node, inputs) => {
    const g = geometryOf(node);
    return emit.op("Conv", inputs, { ...onnxGeometry(g), kernel_shape: node.inputs[1]!.shape.slice(2) });
  },
});

const convInputPrimitive = definePrimitive({
  name: "convInput",
  infer: ([d, w, bias], attributes, fail) => {
    checkRanks([d, w], fail);
    const g = geometryIn(attributes);
    const size = attributes.inputSize as Pair;
    const [o, c, kh, kw] = w!.shape as [number, number, number, number];
    if (d!.shape[1] !== o) fail(`the gradient has ${d!.shape[1]} channels, the kernel makes ${o}`);
    checkBias(bias, c, fail);
    if (size.some((n) => n < 1)) fail(`an input of ${size} has no pixels`);
    const expected = [outputSize(size[0], kh, g, 0), outputSize(size[1], kw, g, 1)];
    if (!sameShape(expected, d!.shape.slice(2))) fail(`an input of ${size} gives an output of ${expected}`);
    return { shape: [d!.shape[0]!, c, ...size], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [d, w] = node.inputs as [Tensor, Tensor];
    const g = geometryOf(node);
    return [
      conv2d(dy, w, undefined, asOptions(g)),
      convWeight(dy, d, g, [w.shape[2]!, w.shape[3]!]),
      ...biasGradient(node, dy),
    ];
  },
  lower: lowerConvInput,
});

const convWeightPrimitive = definePrimitive({
  name: "convWeight",
  infer: ([x, d], attributes, fail) => {
    checkRanks([x, d], fail);
    const g = geometryIn(attributes);
    const kernel = attributes.kernelSize as Pair;
    if (x!.shape[0] !== d!.shape[0]) fail("batch sizes differ");
    const expected = [outputSize(x!.shape[2]!, kernel[0], g, 0), outputSize(x!.shape[3]!, kernel[1], g, 1)];
    if (!sameShape(expected, d!.shape.slice(2))) fail(`a kernel of ${kernel} gives an output of ${expected}`);
    return { shape: [d!.shape[1]!, x!.shape[1]!, ...kernel], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [x, d] = node.inputs as [Tensor, Tensor];
    const g = geometryOf(node);
    return [convInput(d, dy, g, [x.shape[2]!, x.shape[3]!]), conv2d(x, dy, undefined, asOptions(g))];
  },
  lower: lowerConvWeight,
});

/**
 * Convolution of x [N, C, H, W] with w [O, C, kh, kw] and an optional bias [O] → [N, O, H', W'].
 * @throws ShapeError when sizes do not fit
 */
export function conv2d(x: Tensor, w: Tensor, bias?: Tensor, options: ConvOptions = {}): Tensor {
  return makeNode(convPrimitive, bias ? [x, w, bias] : [x, w], attributesOf(convGeometry(options)));
}

/**
 * The adjoint of `conv2d` towards its image: d [N, O, H', W'] and w [O, C, kh, kw] → [N, C, H, W]
 * with `inputSize` = [H, W]; an optional bias [C] is added. Also known as transposed convolution.
 */
export function convInput(
  d: Tensor,
  w: Tensor,
  geometry: ConvGeometry,
  inputSize: Pair,
  bias?: Tensor,
): Tensor {
  return makeNode(convInputPrimitive, bias ? [d, w, bias] : [d, w], { ...attributesOf(geometry), inputSize });
}

/**
 * The adjoint of `conv2d` towards its kernel: x [N, C, H, W] and d [N, O, H', W'] → [O, C, kh, kw]
 * with `kernelSize` = [kh, kw].
 */
export function convWeight(x: Tensor, d: Tensor, geometry: ConvGeometry, kernelSize: Pair): Tensor {
  return makeNode(convWeightPrimitive, [x, d], { ...attributesOf(geometry), kernelSize });
}

/**
 * ConvTranspose is slower than Conv (docs/performance.md), so stride 1 becomes Conv with the kernel
 * turned round.
 */
function lowerConvInput(emit: Emitter, node: Tensor, inputs: readonly string[]): string {
  const g = geometryOf(node);
  const [d, w] = node.inputs as [Tensor, Tensor];
  const kernel = [w.shape[2]!, w.shape[3]!] as const;
  const bias = inputs.slice(2);
  const padding = flippedPadding(g, kernel);
  if (padding) {
    const swapped = emit.op("Transpose", [inputs[1]!], { perm: [1, 0, 2, 3] });
    const far = emit.ints([-(2 ** 31), -(2 ** 31)]);
    const flipped =
      kernel[0] * kernel[1] === 1
        ? swapped
        : emit.op("Slice", [swapped, emit.ints([-1, -1]), far, emit.ints([2, 3]), emit.ints([-1, -1])]);
    return emit.op("Conv", [inputs[0]!, flipped, ...bias], {
      ...onnxGeometry({ ...g, padding }),
      kernel_shape: kernel,
    });
  }
  const extra = ([0, 1] as const).map((axis) => {
    const [low, high] = g.padding[axis];
    const reached =
      (d.shape[2 + axis]! - 1) * g.strides[axis] + g.dilation[axis] * (kernel[axis] - 1) + 1 - low - high;
    return node.shape[2 + axis]! - reached;
  });
  return emit.op("ConvTranspose", [inputs[0]!, inputs[1]!, ...bias], {
    ...onnxGeometry(g),
    kernel_shape: kernel,
    output_padding: extra,
  });
}

/**
 * The weight gradient as one 3-D convolution over (H, W, C) with the batch as channels: the image,
 * transposed to NHWC and seen as [1, N, H, W, C], is convolved with the gradient seen as a kernel
 * [O, N, H', W', 1]; stride and dilation change places. The result [1, O, kh, kw, C] is the
 * gradient up to a transposition. ONNX Runtime then does the im2col inside its GEMM, over runs of C
 * values.
 */
function lowerConvWeight(emit: Emitter, node: Tensor, inputs: readonly string[]): string {
  if (emit.provider === "webgpu") return lowerTapProducts(emit, node, inputs);
  const g = geometryOf(node);
  const [x, d] = node.inputs as [Tensor, Tensor];
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [, o, dh, dw] = d.shape as [number, number, number, number];
  const [kh, kw] = node.attributes.kernelSize as Pair;
  if (kh * kw === 1 && g.strides.every((s) => s === 1) && g.padding.flat().every((p) => p === 0)) {
    const image = emit.op("Reshape", [inputs[0]!, emit.ints([n, c, h * w])]);
    const gradient = emit.op("Reshape", [inputs[1]!, emit.ints([n, o, h * w])]);
    const turned = emit.op("Transpose", [image], { perm: [0, 2, 1] });
    const products = emit.op("MatMul", [gradient, turned]);
    const total = emit.op("ReduceSum", [products, emit.ints([0])], { keepdims: 0 });
    return emit.op("Reshape", [total, emit.ints(node.shape)]);
  }
  const high = paddingBehind(g, [h, w], [dh, dw], [kh, kw]);
  if (!high) return emit.op("Expand", [emit.scalar(0), emit.ints(node.shape)]);
  const nhwc = emit.op("Transpose", [inputs[0]!], { perm: [0, 2, 3, 1] });
  let image = emit.op("Reshape", [nhwc, emit.ints([1, n, h, w, c])]);
  for (const axis of [0, 1] as const) {
    const cut = Math.min(0, high[axis]);
    if (cut < 0) image = emit.op("Slice", [image, emit.ints([0]), emit.ints([cut]), emit.ints([2 + axis])]);
  }
  const swapped = emit.op("Transpose", [inputs[1]!], { perm: [1, 0, 2, 3] });
  const kernel = emit.op("Reshape", [swapped, emit.ints([o, n, dh, dw, 1])]);
  const result = emit.op("Conv", [image, kernel], {
    kernel_shape: [dh, dw, 1],
    strides: [...g.dilation, 1],
    dilations: [...g.strides, 1],
    pads: [g.padding[0][0], g.padding[1][0], 0, Math.max(0, high[0]), Math.max(0, high[1]), 0],
  });
  const matrix = emit.op("Reshape", [result, emit.ints([o, kh, kw, c])]);
  return emit.op("Transpose", [matrix], { perm: [0, 3, 1, 2] });
}

/** w~: flipped in both directions, input and output channels swapped; the kernel of the adjoint. */
export const turnKernel = (w: Tensor): Tensor => transpose(reverse(w, [2, 3]), [1, 0, 2, 3]);
