/**
 * Reductions beside the sum (broadcast.ts). The gradient of a maximum is the gradient at the place
 * of the maximum.
 */
import { normalizeAxes } from "../shape.ts";
import { definePrimitive, makeNode, type Tensor } from "../tensor.ts";
import { axesOf, inferReduction, keptShape, reduction, reshape, sum } from "./broadcast.ts";
import { cast, equal, mul } from "./elementwise.ts";

const maxPrimitive = definePrimitive({
  name: "max",
  infer: inferReduction,
  gradient: (node, dy) => {
    const x = node.inputs[0]!;
    const kept = keptShape(x, axesOf(node));
    return [mul(cast(equal(x, reshape(node, kept)), "float32"), reshape(dy, kept))];
  },
  lower: (emit, node, inputs) =>
    emit.op("ReduceMax", inputs, { axes: axesOf(node), keepdims: node.attributes.keepDims ? 1 : 0 }),
});

/**
 * Maximum over the axes (all of them if none are given). Where several elements share the maximum
 * each gets the gradient.
 */
export const max = reduction(maxPrimitive);

/** Arithmetic mean over the axes (all of them if none are given). */
export function mean(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const total = sum(x, axes, keepDims);
  const count = x.shape.reduce((p, n) => p * n, 1) / total.shape.reduce((p, n) => p * n, 1);
  return mul(total, 1 / count);
}

const argmaxPrimitive = definePrimitive({
  name: "argmax",
  infer: ([x], { axis }, fail) => {
    if (!normalizeAxes([axis as number], x!.shape.length)) fail("no such axis");
    return { shape: x!.shape.filter((_, i) => i !== axis), dtype: "int64" };
  },
  lower: (emit, node, inputs) =>
    emit.op("ArgMax", inputs, { axis: node.attributes.axis as number, keepdims: 0 }),
});
/** Index of the (first) maximum along an axis, int64. */
export const argmax = (x: Tensor, axis: number): Tensor =>
  makeNode(argmaxPrimitive, [x], { axis: axis < 0 ? axis + x.shape.length : axis });

const sumSquaresPrimitive = definePrimitive({
  name: "sumSquares",
  infer: inferReduction,
  lower: (emit, node, inputs) =>
    emit.op("ReduceSumSquare", inputs, { axes: axesOf(node), keepdims: node.attributes.keepDims ? 1 : 0 }),
});
/**
 * Sum of squares over the axes (all of them if none are given), in one pass. It has no gradient, as
 * `scaleShift`.
 */
export const sumSquares = reduction(sumSquaresPrimitive);
