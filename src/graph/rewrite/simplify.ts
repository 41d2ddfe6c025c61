/**
 * Algebraic identities that every traced training step is full of: neutral elements (gradients
 * start from ones), moves that undo each other, broadcasts that the next operator does by itself,
 * and constant factors, which belong on the smallest tensor a linear operator touches (a mean
 * pool's 1/4 goes into the kernel of the convolution before it).
 */
import {
  add,
  broadcastTo,
  constant,
  constantValue,
  convWeight,
  full,
  geometryOf,
  mul,
  neg,
  reshape,
  reverse,
  slice,
  sum,
  transpose,
} from "../operations/index.ts";
import { broadcastShapes, sameShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type Rule, withInputs } from "./rewrite.ts";

type Numbers = readonly number[];
type Pair = readonly [number, number];

const is = (node: Tensor | undefined, ...names: string[]): boolean =>
  !!node && names.includes(node.primitive.name);

/**
 * The number a scalar-like node stands for: a constant of equal elements, possibly broadcast or
 * reshaped.
 */
function scalarOf(node: Tensor): number | undefined {
  return is(node, "broadcastTo", "reshape") ? scalarOf(node.inputs[0]!) : constantValue(node);
}

/** x and c of a node c · x with a constant c. */
function scaled(node: Tensor | undefined): { x: Tensor; c: number } | undefined {
  if (node && is(node, "neg")) return { x: node.inputs[0]!, c: -1 };
  if (!node || !is(node, "mul")) return undefined;
  for (const [i, j] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const c = scalarOf(node.inputs[i]!);
    const x = node.inputs[j]!;
    if (c !== undefined && sameShape(x.shape, node.shape) && scalarOf(x) === undefined) return { x, c };
  }
  return undefined;
}

const scale = (x: Tensor, c: number): Tensor => (c === 1 ? x : c === -1 ? neg(x) : mul(x, c));

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
};

/** All simplifications as one rule. */
export const simplify: Rule = (node, uses) =>
  neutral(node) ?? moves(node) ?? implicitBroadcast(node) ?? sums(node) ?? factors(node, uses);

/** x + 0, x · 1, x / 1; x + x; and two numbers make one. */
function neutral(node: Tensor): Tensor | undefined {
  if (!is(node, "add", "sub", "mul", "div")) return undefined;
  const [a, b] = node.inputs as [Tensor, Tensor];
  const [ca, cb] = [scalarOf(a), scalarOf(b)];
  if (ca !== undefined && cb !== undefined) return full(node.shape, ARITHMETIC[node.primitive.name]!(ca, cb));
  // A factor can move on to where it costs nothing; a sum is a pass.
  if (is(node, "add") && a === b) return mul(a, 2);
  const unit = is(node, "add", "sub") ? 0 : 1;
  if (cb === unit && sameShape(a.shape, node.shape)) return a;
  if (ca === unit && is(node, "add", "mul") && sameShape(b.shape, node.shape)) return b;
  return undefined;
}

/** Moves of moves, and moves that do nothing. */
function moves(node: Tensor): Tensor | undefined {
  const [x] = node.inputs;
  if (is(node, "reshape")) {
    if (is(x, "reshape")) return reshape(x!.inputs[0]!, node.shape);
    if (sameShape(x!.shape, node.shape)) return x;
  }
  if (is(node, "transpose") && is(x, "transpose")) {
    const [outer, inner] = [node.attributes.permutation as Numbers, x!.attributes.permutation as Numbers];
    return transpose(
      x!.inputs[0]!,
      outer.map((axis) => inner[axis]!),
    );
  }
  if (is(node, "broadcastTo") && sameShape(x!.shape, node.shape)) return x;
  if (is(node, "neg") && is(x, "neg")) return x!.inputs[0];
  return turns(node);
}

/**
 * Transpositions move outwards, past slices and reversals, and slices inwards; then pairs of turns
 * meet and vanish.
 */
function turns(node: Tensor): Tensor | undefined {
  const [x] = node.inputs;
  if (!is(node, "reverse", "slice") || !is(x, "transpose", "reverse")) return undefined;
  const inner = x!.inputs[0]!;
  if (is(x, "transpose")) {
    const permutation = x!.attributes.permutation as Numbers;
    const before = (values: Numbers): number[] => values.map((_, axis) => values[permutation.indexOf(axis)]!);
    if (is(node, "reverse"))
      return transpose(
        reverse(
          inner,
          (node.attributes.axes as Numbers).map((axis) => permutation[axis]!),
        ),
        permutation,
      );
    const { starts, ends, strides } = node.attributes as Record<string, Numbers>;
    return transpose(slice(inner, before(starts!), before(ends!), before(strides!)), permutation);
  }
  const flipped = x!.attributes.axes as Numbers;
  if (is(node, "reverse")) {
    const own = node.attributes.axes as Numbers;
    const rest = [
      ...own.filter((axis) => !flipped.includes(axis)),
      ...flipped.filter((axis) => !own.includes(axis)),
    ];
    return reverse(inner, rest);
  }
  // Element i of the slice is start + i · stride from the front, so n − 1 − that from the back; the last becomes the first.
  const [starts, ends] = [[...(node.attributes.starts as Numbers)], [...(node.attributes.ends as Numbers)]];
  const strides = node.attributes.strides as Numbers;
  for (const axis of flipped) {
    const first = starts[axis]!;
    const last = first + (node.shape[axis]! - 1) * strides[axis]!;
    starts[axis] = inner.shape[axis]! - 1 - last;
    ends[axis] = inner.shape[axis]! - first;
  }
  return reverse(slice(inner, starts, ends, strides), flipped);
}

/**
 * Elementwise operators broadcast by themselves: no need to write the repeated values out first.
 */
function implicitBroadcast(node: Tensor): Tensor | undefined {
  if (!is(node, "add", "sub", "mul", "div", "maximum", "minimum", "greater", "equal", "where"))
    return undefined;
  const inputs = node.inputs.map((input, i) => {
    if (!is(input, "broadcastTo")) return input;
    const source = input.inputs[0]!;
    const others = node.inputs.flatMap((t, j) => (j === i ? [] : [t.shape]));
    const shape = broadcastShapes(source.shape, ...others);
    return shape && sameShape(shape, node.shape) ? source : input;
  });
  // Nobody brings the full shape: compute on the small operands and repeat the result.
  const common = broadcastShapes(...inputs.map((t) => (is(t, "broadcastTo") ? t.inputs[0]! : t).shape));
  if (common && !sameShape(common, node.shape) && node.inputs.some((t) => is(t, "broadcastTo")))
    return broadcastTo(
      {
        ...withInputs(
          node,
          node.inputs.map((t) => (is(t, "broadcastTo") ? t.inputs[0]! : t)),
        ),
        shape: common,
      },
      node.shape,
    );
  // If every operand was broadcast, keep the first as it was: somebody has to bring the shape.
  const shape = broadcastShapes(...inputs.map((t) => t.shape));
  if (!shape || !sameShape(shape, node.shape)) inputs[0] = node.inputs[0]!;
  const rebuilt = withInputs(node, inputs);
  return rebuilt === node ? undefined : rebuilt;
}

/**
 * Factors that are constant along the summed axes come out of a sum, and deviations from the mean
 * sum to zero. Both are all over the gradient of batch normalization.
 */
function sums(node: Tensor): Tensor | undefined {
  const [x] = node.inputs;
  if (is(node, "mul")) {
    // (x · a) · b with small a and b: one pass over x instead of two.
    for (const [i, j] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const [product, b] = [node.inputs[i]!, node.inputs[j]!];
      if (!is(product, "mul") || sizeOf(b.shape) >= sizeOf(node.shape)) continue;
      const [p, q] = product.inputs as [Tensor, Tensor];
      const [big, a] = sizeOf(p.shape) >= sizeOf(q.shape) ? [p, q] : [q, p];
      if (sameShape(big.shape, node.shape) && sizeOf(a.shape) < sizeOf(node.shape))
        return mul(big, mul(a, b));
    }
    return undefined;
  }
  if (!is(node, "sum")) return undefined;
  const axes = node.attributes.axes as Numbers;
  const flatAlong = (t: Tensor): boolean =>
    t.shape.length === x!.shape.length && axes.every((axis) => t.shape[axis] === 1);
  if (is(x, "mul")) {
    for (const [i, j] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const [big, small] = [x!.inputs[i]!, x!.inputs[j]!];
      if (!sameShape(big.shape, x!.shape) || !flatAlong(small)) continue;
      return reshape(mul(sum(big, axes, true), small), node.shape);
    }
  }
  // What resampling repeats or pads with zeros is known before it is done.
  const spatial = axes.includes(2) && axes.includes(3);
  if (is(x, "upsampleNearest") && spatial)
    return mul(
      sum(x!.inputs[0]!, axes, node.attributes.keepDims as boolean),
      (x!.attributes.factor as number) ** 2,
    );
  if (is(x, "pad") && x!.shape.every((n, axis) => n === x!.inputs[0]!.shape[axis] || axes.includes(axis)))
    return sum(x!.inputs[0]!, axes, node.attributes.keepDims as boolean);
  if (is(x, "sub") && sameShape(x!.inputs[0]!.shape, x!.shape) && isMean(x!.inputs[1]!, x!.inputs[0]!, axes))
    return broadcastTo(constant(0), node.shape);
  return undefined;
}

/**
 * Whether `t` is the mean of x over the axes, reshape(sum(x, axes) · 1/n), in a shape that puts
 * each mean beside its own values.
 */
function isMean(t: Tensor, x: Tensor, axes: Numbers): boolean {
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const leading = kept.length - t.shape.length;
  if (!sameShape([...kept.slice(0, leading).fill(1), ...t.shape], kept)) return false;
  const unshaped = (node: Tensor): Tensor => (is(node, "reshape") ? unshaped(node.inputs[0]!) : node);
  const own = scaled(unshaped(t));
  const total = own && unshaped(own.x);
  if (!own || !is(total, "sum") || total!.inputs[0] !== x) return false;
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return (total!.attributes.axes as Numbers).join() === axes.join() && Math.abs(own.c * count - 1) < 1e-6;
}

/** Constant factors move through linear operators toward the smaller tensor. */
function factors(node: Tensor, uses: (t: Tensor) => number): Tensor | undefined {
  const own = scaled(node);
  if (own) {
    const inner = scaled(own.x);
    if (inner) return scale(inner.x, inner.c * own.c);
    if (is(own.x, "conv2d", "convInput") && uses(own.x) === 1) {
      const [x, w, bias] = own.x.inputs as [Tensor, Tensor, Tensor | undefined];
      if (sizeOf(w.shape) < sizeOf(own.x.shape))
        return withInputs(own.x, [x, scale(w, own.c), ...(bias ? [scale(bias, own.c)] : [])]);
    }
    // A sum of two convolutions: into both of their kernels.
    const ends = own.x.inputs;
    const absorbs = (t: Tensor): boolean =>
      is(t, "conv2d", "convInput") && uses(t) === 1 && sizeOf(t.inputs[1]!.shape) < sizeOf(t.shape);
    if (is(own.x, "add") && uses(own.x) === 1 && ends[0] !== ends[1] && ends.every(absorbs))
      return add(scale(ends[0]!, own.c), scale(ends[1]!, own.c));
    return undefined;
  }
  const first = scaled(node.inputs[0]);
  if (is(node, "conv2d", "convInput") && first && sizeOf(node.inputs[1]!.shape) < sizeOf(first.x.shape))
    return withInputs(node, [first.x, scale(node.inputs[1]!, first.c), ...node.inputs.slice(2)]);
  if (is(node, "convWeight")) {
    const second = scaled(node.inputs[1]);
    const kernel = node.attributes.kernelSize as Pair;
    if (first) return scale(convWeight(first.x, node.inputs[1]!, geometryOf(node), kernel), first.c);
    if (second) return scale(convWeight(node.inputs[0]!, second.x, geometryOf(node), kernel), second.c);
  }
  // Not broadcastTo: its operand is the smaller one, and `implicitBroadcast` would bring the factor back for ever.
  if (first && is(node, "upsampleNearest", "sumPool", "reshape", "transpose", "slice", "pad", "sum"))
    return scale(withInputs(node, [first.x]), first.c);
  if (is(node, "add") && first) {
    const second = scaled(node.inputs[1]);
    if (second && second.c === first.c && uses(node.inputs[0]!) === 1 && uses(node.inputs[1]!) === 1)
      return scale(add(first.x, second.x), first.c);
  }
  return undefined;
}
