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
import { sameShape } from "../shape.ts";
import { type Attributes, definePrimitive, makeNode, type Tensor } from "../tensor.ts";
import {
  asOptions,
  type ConvGeometry,
  type ConvOptions,
  convGeometry,
  geometryIn,
  geometryOf,
  outputSize,
  type Pair,
} from "./conv-geometry.ts";
import { lowerGroupedForward, lowerGroupedInput, lowerGroupedWeight } from "./grouped-lowering.ts";

/** Groups of a node of one of the three primitives. */
export const groupsOfNode = (node: Tensor): number => node.attributes.groups as number;

type Fail = (reason: string) => never;

function check(tensors: readonly (Tensor | undefined)[], fail: Fail): void {
  if (tensors.some((t) => t!.shape.length !== 4)) fail("needs two tensors of rank 4");
  if (tensors.some((t) => t!.dtype !== "float32")) fail("needs float32 (see cast)");
}

function checkGroups(groups: number, channels: Readonly<Record<string, number>>, fail: Fail): void {
  for (const [what, count] of Object.entries(channels))
    if (!Number.isInteger(groups) || groups < 1 || count % groups !== 0)
      fail(`${count} ${what} channels cannot be cut into ${groups} groups`);
}

/** Size of the result for an image and a kernel of these sizes. */
const resultSize = (image: Pair, kernel: Pair, g: ConvGeometry): Pair => [
  outputSize(image[0], kernel[0], g, 0),
  outputSize(image[1], kernel[1], g, 1),
];

const sizeOfMap = (t: Tensor): Pair => [t.shape[2]!, t.shape[3]!];

const forwardPrimitive = definePrimitive({
  name: "groupedConv2d",
  infer: ([x, w], attributes, fail) => {
    check([x, w], fail);
    const groups = attributes.groups as number;
    const [n, c] = x!.shape as [number, number, number, number];
    const [o, each] = w!.shape as [number, number, number, number];
    checkGroups(groups, { input: c, output: o }, fail);
    if (each !== c / groups) fail(`a group has ${c / groups} channels, the kernel expects ${each}`);
    const size = resultSize(sizeOfMap(x!), sizeOfMap(w!), geometryIn(attributes));
    if (size[0] < 1 || size[1] < 1) fail("the kernel is larger than the padded image");
    return { shape: [n, o, ...size], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [x, w] = node.inputs as [Tensor, Tensor];
    const [g, groups] = [geometryOf(node), groupsOfNode(node)];
    return [
      groupedConvInput(dy, w, groups, g, sizeOfMap(x)),
      groupedConvWeight(x, dy, groups, g, sizeOfMap(w)),
    ];
  },
  lower: lowerGroupedForward,
});

const inputPrimitive = definePrimitive({
  name: "groupedConvInput",
  infer: ([d, w], attributes, fail) => {
    check([d, w], fail);
    const groups = attributes.groups as number;
    const size = attributes.inputSize as Pair;
    const [o, each] = w!.shape as [number, number, number, number];
    if (d!.shape[1] !== o) fail(`the gradient has ${d!.shape[1]} channels, the kernel makes ${o}`);
    checkGroups(groups, { output: o }, fail);
    const expected = resultSize(size, sizeOfMap(w!), geometryIn(attributes));
    if (!sameShape(expected, sizeOfMap(d!))) fail(`an input of ${size} gives an output of ${expected}`);
    return { shape: [d!.shape[0]!, each * groups, ...size], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [d, w] = node.inputs as [Tensor, Tensor];
    const [g, groups] = [geometryOf(node), groupsOfNode(node)];
    return [groupedConv2d(dy, w, groups, asOptions(g)), groupedConvWeight(dy, d, groups, g, sizeOfMap(w))];
  },
  lower: lowerGroupedInput,
});

const weightPrimitive = definePrimitive({
  name: "groupedConvWeight",
  infer: ([x, d], attributes, fail) => {
    check([x, d], fail);
    const groups = attributes.groups as number;
    const kernel = attributes.kernelSize as Pair;
    const [c, o] = [x!.shape[1]!, d!.shape[1]!];
    if (x!.shape[0] !== d!.shape[0]) fail("batch sizes differ");
    checkGroups(groups, { input: c, output: o }, fail);
    const expected = resultSize(sizeOfMap(x!), kernel, geometryIn(attributes));
    if (!sameShape(expected, sizeOfMap(d!))) fail(`a kernel of ${kernel} gives an output of ${expected}`);
    return { shape: [o, c / groups, ...kernel], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [x, d] = node.inputs as [Tensor, Tensor];
    const [g, groups] = [geometryOf(node), groupsOfNode(node)];
    return [groupedConvInput(d, dy, groups, g, sizeOfMap(x)), groupedConv2d(x, dy, groups, asOptions(g))];
  },
  lower: lowerGroupedWeight,
});

const attributesOf = ({ strides, padding, dilation }: ConvGeometry, groups: number): Attributes => ({
  strides,
  padding,
  dilation,
  groups,
});

/**
 * Convolution in groups of x [N, C, H, W] with w [O, C/groups, kh, kw] → [N, O, H', W'].
 * @throws ShapeError when sizes do not fit, or C or O is no multiple of `groups`
 */
export const groupedConv2d = (x: Tensor, w: Tensor, groups: number, options: ConvOptions = {}): Tensor =>
  makeNode(forwardPrimitive, [x, w], attributesOf(convGeometry(options), groups));

/**
 * Its adjoint towards the image: d [N, O, H', W'] and w [O, C/groups, kh, kw] → [N, C, H, W] with
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
 * Its adjoint towards the kernel: x [N, C, H, W] and d [N, O, H', W'] → [O, C/groups, kh, kw] with
 * `kernelSize` = [kh, kw].
 */
export const groupedConvWeight = (
  x: Tensor,
  d: Tensor,
  groups: number,
  geometry: ConvGeometry,
  kernelSize: Pair,
): Tensor => makeNode(weightPrimitive, [x, d], { ...attributesOf(geometry, groups), kernelSize });
