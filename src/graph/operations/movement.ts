/**
 * Primitives that only move values: each one's gradient is its adjoint, again one of them (or a
 * sum).
 */
import type { Emitter } from "../onnx/emitter.ts";
import { normalizeAxes } from "../shape.ts";
import { definePrimitive, makeNode, type Tensor } from "../tensor.ts";

const list = (value: unknown): readonly number[] => value as readonly number[];

const transposePrimitive = definePrimitive({
  name: "transpose",
  infer: ([x], { permutation }, fail) => {
    const axes = list(permutation);
    if (axes.length !== x!.shape.length || axes.some((a) => a < 0) || !normalizeAxes(axes, axes.length))
      fail("not a permutation of the axes");
    return { shape: axes.map((axis) => x!.shape[axis]!), dtype: x!.dtype };
  },
  gradient: (node, dy) => {
    const axes = list(node.attributes.permutation);
    return [
      transpose(
        dy,
        axes.map((_, i) => axes.indexOf(i)),
      ),
    ];
  },
  lower: (emit, node, inputs) => emit.op("Transpose", inputs, { perm: list(node.attributes.permutation) }),
});
/** Axis i of the result is axis `permutation[i]` of x. */
export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  permutation.length === x.shape.length && permutation.every((axis, i) => axis === i)
    ? x
    : makeNode(transposePrimitive, [x], { permutation });

/**
 * Slice keeps start, start + stride, … below end on every axis. Its adjoint puts the gradient back:
 * zeros before, between (interior padding) and after. Zero padding with interior is therefore the
 * other half of the pair.
 */
const slicePrimitive = definePrimitive({
  name: "slice",
  infer: ([x], { starts, ends, strides }, fail) => {
    const rank = x!.shape.length;
    if ([starts, ends, strides].some((v) => list(v).length !== rank))
      fail("starts, ends and strides need one number an axis");
    const shape = x!.shape.map((n, i) => {
      const [start, end, stride] = [list(starts)[i]!, list(ends)[i]!, list(strides)[i]!];
      if (!(start >= 0 && start < end && end <= n && stride >= 1))
        fail(`axis ${i}: ${start}:${end}:${stride} does not fit size ${n}`);
      return Math.ceil((end - start) / stride);
    });
    return { shape, dtype: x!.dtype };
  },
  gradient: (node, dy) => {
    const starts = list(node.attributes.starts);
    const strides = list(node.attributes.strides);
    const high = node.inputs[0]!.shape.map(
      (n, i) => n - (starts[i]! + (node.shape[i]! - 1) * strides[i]! + 1),
    );
    return [
      pad(
        dy,
        starts,
        high,
        strides.map((s) => s - 1),
      ),
    ];
  },
  lower: (emit, node, inputs) => {
    const axes = node.shape.flatMap((_, i) => (sliced(node, i) ? [i] : []));
    const pick = (name: string): string => emit.ints(axes.map((i) => list(node.attributes[name])[i]!));
    return emit.op("Slice", [inputs[0]!, pick("starts"), pick("ends"), emit.ints(axes), pick("strides")]);
  },
});
const sliced = (node: Tensor, axis: number): boolean => node.shape[axis] !== node.inputs[0]!.shape[axis];
/** Elements start, start + stride, … < end along every axis; strides default to 1. */
export function slice(
  x: Tensor,
  starts: readonly number[],
  ends: readonly number[],
  strides?: readonly number[],
): Tensor {
  const steps = strides ?? starts.map(() => 1);
  const whole =
    starts.every((s, i) => s === 0 && ends[i] === x.shape[i] && steps[i] === 1) &&
    starts.length === x.shape.length;
  return whole ? x : makeNode(slicePrimitive, [x], { starts, ends, strides: steps });
}
/** Elements `start … end − 1` of one axis, from 0 up. */
export function sliceAxis(x: Tensor, axis: number, start: number, end: number, stride = 1): Tensor {
  const set = (rest: readonly number[], value: number): number[] =>
    rest.map((v, i) => (i === axis ? value : v));
  return slice(
    x,
    set(
      x.shape.map(() => 0),
      start,
    ),
    set(x.shape, end),
    set(
      x.shape.map(() => 1),
      stride,
    ),
  );
}

const reversePrimitive = definePrimitive({
  name: "reverse",
  infer: ([x], { axes }, fail) =>
    normalizeAxes(list(axes), x!.shape.length) && list(axes).every((a) => a >= 0) ? x! : fail("no such axes"),
  gradient: (node, dy) => [reverse(dy, list(node.attributes.axes))],
  lower: (emit, node, inputs) => {
    const axes = list(node.attributes.axes);
    const every = (value: number): string => emit.ints(axes.map(() => value));
    // −2^31 means "past the beginning" for a negative step.
    return emit.op("Slice", [inputs[0]!, every(-1), every(-(2 ** 31)), emit.ints(axes), every(-1)]);
  },
});
/** Reverse the order along the axes (flip); negative ones count from the end. */
export const reverse = (x: Tensor, axes: readonly number[]): Tensor =>
  axes.length === 0
    ? x
    : makeNode(reversePrimitive, [x], { axes: normalizeAxes(axes, x.shape.length) ?? axes });

const padPrimitive = definePrimitive({
  name: "pad",
  infer: ([x], { low, high, interior }, fail) => {
    const rank = x!.shape.length;
    if ([low, high, interior].some((v) => list(v).length !== rank))
      fail("low, high and interior need one number an axis");
    if ([low, high, interior].some((v) => list(v).some((n) => n < 0))) fail("negative padding (use slice)");
    const shape = x!.shape.map((n, i) => list(low)[i]! + n + (n - 1) * list(interior)[i]! + list(high)[i]!);
    return { shape, dtype: x!.dtype };
  },
  gradient: (node, dy) => {
    const low = list(node.attributes.low);
    const ends = node.shape.map((n, i) => n - list(node.attributes.high)[i]!);
    return [
      slice(
        dy,
        low,
        ends,
        list(node.attributes.interior).map((n) => n + 1),
      ),
    ];
  },
  lower: lowerPad,
});
/**
 * Zeros around (`low`, `high`) and between (`interior` after each element but the last), one number
 * an axis.
 */
export function pad(
  x: Tensor,
  low: readonly number[],
  high: readonly number[],
  interior?: readonly number[],
): Tensor {
  const between = interior ?? low.map(() => 0);
  const none = [low, high, between].every((v) => v.length === x.shape.length && v.every((n) => n === 0));
  return none ? x : makeNode(padPrimitive, [x], { low, high, interior: between });
}

/**
 * ONNX has no interior padding: append zeros to a new axis behind each padded one, merge, and cut
 * the last zeros off.
 */
function lowerPad(emit: Emitter, node: Tensor, inputs: readonly string[]): string {
  const shape = [...node.inputs[0]!.shape];
  let value = inputs[0]!;
  for (const [axis, interior] of list(node.attributes.interior).entries()) {
    if (interior === 0) continue;
    const n = shape[axis]!;
    const split = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
    const after = split.map((_, i) => (i === axis + 1 ? interior : 0));
    value = emit.op("Reshape", [value, emit.ints(split)]);
    value = emit.op("Pad", [value, emit.ints([...split.map(() => 0), ...after])]);
    shape[axis] = n * (interior + 1);
    value = emit.op("Reshape", [value, emit.ints(shape)]);
    shape[axis] = n + (n - 1) * interior;
    value = emit.op("Slice", [value, emit.ints([0]), emit.ints([shape[axis]]), emit.ints([axis])]);
  }
  const around = [...list(node.attributes.low), ...list(node.attributes.high)];
  return around.every((n) => n === 0) ? value : emit.op("Pad", [value, emit.ints(around)]);
}

const concatPrimitive = definePrimitive({
  name: "concat",
  infer: (inputs, { axis }, fail) => {
    const [first] = inputs;
    if (!((axis as number) in first!.shape)) fail("no such axis");
    if (inputs.some((t) => t.dtype !== first!.dtype)) fail("element types differ");
    const fits = inputs.every(
      (t) =>
        t.shape.length === first!.shape.length &&
        t.shape.every((n, i) => i === axis || n === first!.shape[i]),
    );
    if (!fits) fail("sizes differ on another axis than the one joined");
    const joined = inputs.reduce((total, t) => total + t.shape[axis as number]!, 0);
    return { shape: first!.shape.map((n, i) => (i === axis ? joined : n)), dtype: first!.dtype };
  },
  gradient: (node, dy) => {
    const axis = node.attributes.axis as number;
    let start = 0;
    return node.inputs.map((t) => {
      const end = start + t.shape[axis]!;
      const part = sliceAxis(dy, axis, start, end);
      start = end;
      return part;
    });
  },
  lower: (emit, node, inputs) => emit.op("Concat", inputs, { axis: node.attributes.axis as number }),
});
/** Join along an axis. */
export const concat = (parts: readonly Tensor[], axis: number): Tensor =>
  parts.length === 1 ? parts[0]! : makeNode(concatPrimitive, parts, { axis });
