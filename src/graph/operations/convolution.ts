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
import { definePrimitive, makeNode, type Tensor } from "../tensor.ts";
import { sum } from "./broadcast.ts";
import {
  asAttributes,
  asOptions,
  type ConvGeometry,
  type ConvOptions,
  convGeometry,
  geometryIn,
  geometryOf,
  type Pair,
  shapeOf,
  sizeOf,
} from "./conv-geometry.ts";
import { checkInputSize, checkKernelSize, checkMaps, type Fail, forwardSize } from "./conv-inference.ts";
import { lowerForward, lowerInputGradient, lowerWeightGradient } from "./conv-lowering.ts";
import { reverse, transpose } from "./movement.ts";
import { lowerTapProducts } from "./tap-products.ts";

function checkBias(bias: Tensor | undefined, channels: number, fail: Fail): void {
  if (bias && !sameShape(bias.shape, [channels])) fail(`the bias must be [${channels}]`);
}

const biasGradient = (node: Tensor, dy: Tensor): Tensor[] =>
  node.inputs.length > 2 ? [sum(dy, [0, 2, 3])] : [];

const convPrimitive = definePrimitive({
  name: "conv2d",
  infer: ([x, w, bias], attributes, fail) => {
    checkMaps([x, w], fail);
    const [c, expected] = [x!.shape[1], w!.shape[1]];
    if (c !== expected) fail(`the image has ${c} channels, the kernel expects ${expected}`);
    const o = w!.shape[0]!;
    checkBias(bias, o, fail);
    const size = forwardSize(x!, w!, geometryIn(attributes), fail);
    return { shape: [x!.shape[0]!, o, ...size], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [x, w] = node.inputs as [Tensor, Tensor];
    const g = geometryOf(node);
    return [convInput(dy, w, g, sizeOf(x)), convWeight(x, dy, g, sizeOf(w)), ...biasGradient(node, dy)];
  },
  lower: (emit, node, inputs) => lowerForward(emit, node, inputs, sizeOf(node.inputs[1]!)),
});

const convInputPrimitive = definePrimitive({
  name: "convInput",
  infer: ([d, w, bias], attributes, fail) => {
    checkMaps([d, w], fail);
    const size = attributes.inputSize as Pair;
    const c = w!.shape[1]!;
    checkBias(bias, c, fail);
    checkInputSize(size, d!, w!, geometryIn(attributes), fail);
    return { shape: [d!.shape[0]!, c, ...size], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [d, w] = node.inputs as [Tensor, Tensor];
    const g = geometryOf(node);
    return [
      conv2d(dy, w, undefined, asOptions(g)),
      convWeight(dy, d, g, sizeOf(w)),
      ...biasGradient(node, dy),
    ];
  },
  lower: (emit, node, inputs) => lowerInputGradient(emit, node, inputs, shapeOf(node.inputs[1]!)),
});

const convWeightPrimitive = definePrimitive({
  name: "convWeight",
  infer: ([x, d], attributes, fail) => {
    checkMaps([x, d], fail);
    const kernel = attributes.kernelSize as Pair;
    checkKernelSize(kernel, x!, d!, geometryIn(attributes), fail);
    return { shape: [d!.shape[1]!, x!.shape[1]!, ...kernel], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [x, d] = node.inputs as [Tensor, Tensor];
    const g = geometryOf(node);
    return [convInput(d, dy, g, sizeOf(x)), conv2d(x, dy, undefined, asOptions(g))];
  },
  lower: lowerConvWeight,
});

/**
 * Convolution of x [N, C, H, W] with w [O, C, kh, kw] and an optional bias [O] → [N, O, H', W'].
 * @throws ShapeError when sizes do not fit
 */
export function conv2d(x: Tensor, w: Tensor, bias?: Tensor, options: ConvOptions = {}): Tensor {
  return makeNode(convPrimitive, bias ? [x, w, bias] : [x, w], asAttributes(convGeometry(options)));
}

/**
 * The adjoint of `conv2d` toward its image: d [N, O, H', W'] and w [O, C, kh, kw] → [N, C, H, W]
 * with `inputSize` = [H, W]; an optional bias [C] is added. Also known as transposed convolution.
 */
export function convInput(
  d: Tensor,
  w: Tensor,
  geometry: ConvGeometry,
  inputSize: Pair,
  bias?: Tensor,
): Tensor {
  return makeNode(convInputPrimitive, bias ? [d, w, bias] : [d, w], { ...asAttributes(geometry), inputSize });
}

/**
 * The adjoint of `conv2d` toward its kernel: x [N, C, H, W] and d [N, O, H', W'] → [O, C, kh, kw]
 * with `kernelSize` = [kh, kw].
 */
export function convWeight(x: Tensor, d: Tensor, geometry: ConvGeometry, kernelSize: Pair): Tensor {
  return makeNode(convWeightPrimitive, [x, d], { ...asAttributes(geometry), kernelSize });
}

/**
 * x, d → gradient by w. Where every pixel is one of the kernel's, it is a product of matrices for
 * each image.
 */
function lowerConvWeight(emit: Emitter, node: Tensor, inputs: readonly string[]): string {
  if (emit.provider === "webgpu") return lowerTapProducts(emit, node, inputs);
  const g = geometryOf(node);
  const [n, c, h, w] = shapeOf(node.inputs[0]!);
  const o = node.shape[0]!;
  const [kh, kw] = sizeOf(node);
  if (kh * kw > 1 || g.strides.some((s) => s !== 1) || g.padding.flat().some((p) => p !== 0))
    return lowerWeightGradient(emit, node, inputs);
  const image = emit.op("Reshape", [inputs[0]!, emit.ints([n, c, h * w])]);
  const gradient = emit.op("Reshape", [inputs[1]!, emit.ints([n, o, h * w])]);
  const columns = emit.op("Transpose", [image], { perm: [0, 2, 1] });
  const products = emit.op("MatMul", [gradient, columns]);
  const total = emit.op("ReduceSum", [products, emit.ints([0])], { keepdims: 0 });
  return emit.op("Reshape", [total, emit.ints(node.shape)]);
}

/** w~: flipped in both directions, input and output channels swapped; the kernel of the adjoint. */
export const turnKernel = (w: Tensor): Tensor => transpose(reverse(w, [2, 3]), [1, 0, 2, 3]);
