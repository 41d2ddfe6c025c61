/** Reductions. The gradient of a sum is a broadcast; of a maximum, the gradient at the place of the maximum. */
import { normaliseAxes } from "../shape.ts";
import { definePrimitive, makeNode, type Primitive, type Tensor } from "../tensor.ts";
import { cast, equal, mul } from "./elementwise.ts";
import { broadcastTo, reshape } from "./movement.ts";

const axesOf = (node: Tensor): readonly number[] => node.attributes.axes as readonly number[];

/** The shape with the reduced axes kept as size 1. */
const keptShape = (x: Tensor, axes: readonly number[]): number[] =>
  x.shape.map((n, i) => (axes.includes(i) ? 1 : n));

const infer: Primitive["infer"] = ([x], { axes, keepDims }) => ({
  shape: x!.shape.flatMap((n, i) => ((axes as readonly number[]).includes(i) ? (keepDims ? [1] : []) : [n])),
  dtype: x!.dtype,
});

const sumPrimitive = definePrimitive({
  name: "sum",
  infer,
  gradient: (node, dy) => {
    const x = node.inputs[0]!;
    return [broadcastTo(reshape(dy, keptShape(x, axesOf(node))), x.shape)];
  },
  lower: (emit, node, inputs) =>
    emit.op("ReduceSum", [inputs[0]!, emit.ints(axesOf(node))], {
      keepdims: node.attributes.keepDims ? 1 : 0,
    }),
});

const maxPrimitive = definePrimitive({
  name: "max",
  infer,
  gradient: (node, dy) => {
    const x = node.inputs[0]!;
    const kept = keptShape(x, axesOf(node));
    return [mul(cast(equal(x, reshape(node, kept)), "float32"), reshape(dy, kept))];
  },
  lower: (emit, node, inputs) =>
    emit.op("ReduceMax", inputs, { axes: axesOf(node), keepdims: node.attributes.keepDims ? 1 : 0 }),
});

const reduction =
  (primitive: Primitive) =>
  (x: Tensor, axes?: readonly number[], keepDims = false): Tensor => {
    const all = x.shape.map((_, i) => i);
    const sorted = normaliseAxes(axes ?? all, x.shape.length);
    if (!sorted)
      return makeNode({ ...primitive, infer: (_i, _a, fail) => fail("no such axes") }, [x], {
        axes: axes ?? all,
      });
    if (sorted.length === 0) return x;
    return makeNode(primitive, [x], { axes: sorted, keepDims });
  };

/** Sum over the axes (all of them if none are given). */
export const sum = reduction(sumPrimitive);
/** Maximum over the axes (all of them if none are given). Where several elements share the maximum each gets the gradient. */
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
    if (!normaliseAxes([axis as number], x!.shape.length)) fail("no such axis");
    return { shape: x!.shape.filter((_, i) => i !== axis), dtype: "int64" };
  },
  lower: (emit, node, inputs) =>
    emit.op("ArgMax", inputs, { axis: node.attributes.axis as number, keepdims: 0 }),
});
/** Index of the (first) maximum along an axis, int64. */
export const argmax = (x: Tensor, axis: number): Tensor =>
  makeNode(argmaxPrimitive, [x], { axis: axis < 0 ? axis + x.shape.length : axis });
