/**
 * Sums and broadcasts, which are each other's gradient, and the reshaping that both need. A sum
 * over axes is where a broadcast along them came from.
 */
import {
  broadcastAxes,
  broadcastShapes,
  formatShape,
  normalizeAxes,
  type Shape,
  sameShape,
  sizeOf,
} from "../shape.ts";
import { definePrimitive, makeNode, type Primitive, type Tensor } from "../tensor.ts";

const list = (value: unknown): readonly number[] => value as readonly number[];

const reshapePrimitive = definePrimitive({
  name: "reshape",
  infer: ([x], { shape }, fail) => {
    if (sizeOf(list(shape)) !== sizeOf(x!.shape) || !list(shape).every(Number.isInteger))
      fail(`${sizeOf(x!.shape)} elements cannot take the shape ${formatShape(list(shape))}`);
    return { shape: list(shape), dtype: x!.dtype };
  },
  gradient: (node, dy) => [reshape(dy, node.inputs[0]!.shape)],
  lower: (emit, node, inputs) => emit.op("Reshape", [inputs[0]!, emit.ints(node.shape)]),
});
/** The same elements in row-major order under another shape; one size may be −1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const full = shape.map((n) => (n === -1 ? sizeOf(x.shape) / known : n));
  return sameShape(full, x.shape) ? x : makeNode(reshapePrimitive, [x], { shape: full });
}

const broadcastPrimitive = definePrimitive({
  name: "broadcastTo",
  infer: ([x], { shape }, fail) => {
    const common = broadcastShapes(x!.shape, list(shape));
    if (!common || !sameShape(common, list(shape))) fail(`does not broadcast to ${formatShape(list(shape))}`);
    return { shape: list(shape), dtype: x!.dtype };
  },
  gradient: (node, dy) => {
    const x = node.inputs[0]!;
    return [reshape(sum(dy, broadcastAxes(x.shape, node.shape), true), x.shape)];
  },
  lower: (emit, node, inputs) => emit.op("Expand", [inputs[0]!, emit.ints(node.shape)]),
});
/** Repeat along axes of size 1 and along new leading axes. */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : makeNode(broadcastPrimitive, [x], { shape });

/** The axes of a reduction. */
export const axesOf = (node: Tensor): readonly number[] => node.attributes.axes as readonly number[];

/** The shape with the reduced axes kept as size 1. */
export const keptShape = (x: Tensor, axes: readonly number[]): number[] =>
  x.shape.map((n, i) => (axes.includes(i) ? 1 : n));

/** Shape and type of a reduction. */
export const inferReduction: Primitive["infer"] = ([x], { axes, keepDims }) => ({
  shape: x!.shape.flatMap((n, i) => ((axes as readonly number[]).includes(i) ? (keepDims ? [1] : []) : [n])),
  dtype: x!.dtype,
});

const sumPrimitive = definePrimitive({
  name: "sum",
  infer: inferReduction,
  gradient: (node, dy) => {
    const x = node.inputs[0]!;
    return [broadcastTo(reshape(dy, keptShape(x, axesOf(node))), x.shape)];
  },
  lower: (emit, node, inputs) =>
    emit.op("ReduceSum", [inputs[0]!, emit.ints(axesOf(node))], {
      keepdims: node.attributes.keepDims ? 1 : 0,
    }),
});

/**
 * A function that reduces the axes given (all of them if none are), negative ones counted from the
 * end.
 */
export const reduction =
  (primitive: Primitive) =>
  (x: Tensor, axes?: readonly number[], keepDims = false): Tensor => {
    const all = x.shape.map((_, i) => i);
    const sorted = normalizeAxes(axes ?? all, x.shape.length);
    if (!sorted)
      return makeNode({ ...primitive, infer: (_i, _a, fail) => fail("no such axes") }, [x], {
        axes: axes ?? all,
      });
    if (sorted.length === 0) return x;
    return makeNode(primitive, [x], { axes: sorted, keepDims });
  };

/** Sum over the axes (all of them if none are given). */
export const sum = reduction(sumPrimitive);
