/**
 * Convolution in groups and its two adjoints. With g groups, output channels 0 … O/g − 1 look at
 * input channels 0 … C/g − 1 alone, the next ones at the next, and so on: g convolutions side by
 * side that share no channel. As with `conv2d`, the form ⟨conv(x, w), d⟩ is linear in each of its
 * three arguments, so the derivatives of each of the three primitives are the other two, and
 * gradients of any order exist. Layouts: x [N, C, H, W], w [O, C/g, kh, kw], d [N, O, H', W']; the
 * geometry is always that of the forward convolution.
 *
 * They are primitives of their own, so that rewrites for whole convolutions do not meet them.
 */
import { type Attributes, definePrimitive, makeNode, type Tensor } from "../tensor.ts";
import {
  asAttributes,
  asOptions,
  type ConvGeometry,
  type ConvOptions,
  convGeometry,
  geometryIn,
  geometryOf,
  groupsOf,
  type Pair,
  sizeOf,
} from "./conv-geometry.ts";
import { checkInputSize, checkKernelSize, checkMaps, type Fail, forwardSize } from "./conv-inference.ts";
import { lowerGroupedForward, lowerGroupedInput, lowerGroupedWeight } from "./grouped-lowering.ts";

function checkGroups(groups: number, channels: Readonly<Record<string, number>>, fail: Fail): void {
  for (const [what, count] of Object.entries(channels))
    if (!Number.isInteger(groups) || groups < 1 || count % groups !== 0)
      fail(`${count} ${what} channels cannot be cut into ${groups} groups`);
}

const forwardPrimitive = definePrimitive({
  name: "groupedConv2d",
  infer: ([x, w], attributes, fail) => {
    checkMaps([x, w], fail);
    const groups = attributes.groups as number;
    const [c, o, each] = [x!.shape[1]!, w!.shape[0]!, w!.shape[1]!];
    checkGroups(groups, { input: c, output: o }, fail);
    if (each !== c / groups) fail(`a group has ${c / groups} channels, the kernel expects ${each}`);
    const size = forwardSize(x!, w!, geometryIn(attributes), fail);
    return { shape: [x!.shape[0]!, o, ...size], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [x, w] = node.inputs as [Tensor, Tensor];
    const [g, groups] = [geometryOf(node), groupsOf(node)];
    return [groupedConvInput(dy, w, groups, g, sizeOf(x)), groupedConvWeight(x, dy, groups, g, sizeOf(w))];
  },
  lower: lowerGroupedForward,
});

const inputPrimitive = definePrimitive({
  name: "groupedConvInput",
  infer: ([d, w], attributes, fail) => {
    checkMaps([d, w], fail);
    const groups = attributes.groups as number;
    const size = attributes.inputSize as Pair;
    const [o, each] = [w!.shape[0]!, w!.shape[1]!];
    checkGroups(groups, { output: o }, fail);
    checkInputSize(size, d!, w!, geometryIn(attributes), fail);
    return { shape: [d!.shape[0]!, each * groups, ...size], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [d, w] = node.inputs as [Tensor, Tensor];
    const [g, groups] = [geometryOf(node), groupsOf(node)];
    return [groupedConv2d(dy, w, groups, asOptions(g)), groupedConvWeight(dy, d, groups, g, sizeOf(w))];
  },
  lower: lowerGroupedInput,
});

const weightPrimitive = definePrimitive({
  name: "groupedConvWeight",
  infer: ([x, d], attributes, fail) => {
    checkMaps([x, d], fail);
    const groups = attributes.groups as number;
    const kernel = attributes.kernelSize as Pair;
    const [c, o] = [x!.shape[1]!, d!.shape[1]!];
    checkGroups(groups, { input: c, output: o }, fail);
    checkKernelSize(kernel, x!, d!, geometryIn(attributes), fail);
    return { shape: [o, c / groups, ...kernel], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [x, d] = node.inputs as [Tensor, Tensor];
    const [g, groups] = [geometryOf(node), groupsOf(node)];
    return [groupedConvInput(d, dy, groups, g, sizeOf(x)), groupedConv2d(x, dy, groups, asOptions(g))];
  },
  lower: lowerGroupedWeight,
});

const attributesOf = (geometry: ConvGeometry, groups: number): Attributes => ({
  ...asAttributes(geometry),
  groups,
});

/**
 * Convolution in groups of x [N, C, H, W] with w [O, C/groups, kh, kw] → [N, O, H', W'].
 * @throws ShapeError when sizes do not fit, or C or O is no multiple of `groups`
 */
export const groupedConv2d = (x: Tensor, w: Tensor, groups: number, options: ConvOptions = {}): Tensor =>
  makeNode(forwardPrimitive, [x, w], attributesOf(convGeometry(options), groups));

/**
 * Its adjoint toward the image: d [N, O, H', W'] and w [O, C/groups, kh, kw] → [N, C, H, W] with
 * `inputSize` = [H, W].
 */
export const groupedConvInput = (
  d: Tensor,
  w: Tensor,
  groups: number,
  geometry: ConvGeometry,
  inputSize: Pair,
): Tensor => makeNode(inputPrimitive, [d, w], { ...attributesOf(geometry, groups), inputSize });

/**
 * Its adjoint toward the kernel: x [N, C, H, W] and d [N, O, H', W'] → [O, C/groups, kh, kw] with
 * `kernelSize` = [kh, kw].
 */
export const groupedConvWeight = (
  x: Tensor,
  d: Tensor,
  groups: number,
  geometry: ConvGeometry,
  kernelSize: Pair,
): Tensor => makeNode(weightPrimitive, [x, d], { ...attributesOf(geometry, groups), kernelSize });
