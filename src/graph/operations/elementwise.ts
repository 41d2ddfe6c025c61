/**
 * Elementwise primitives with NumPy broadcasting. Each entry has its gradient beside it; the
 * derivations are one-liners of calculus. The gradient of ReLU is taken from its output (y > 0
 * exactly where x > 0), so that nothing but y has to be kept and the ReLU may become part of the
 * convolution before it.
 */

import { DTYPES, type DType } from "../dtype.ts";
import { type Emitter, float } from "../onnx/emitter.ts";
import { broadcastAxes, broadcastShapes, formatShape, sameShape } from "../shape.ts";
import { definePrimitive, makeNode, type Tensor } from "../tensor.ts";
import { broadcastTo, reshape, sum } from "./broadcast.ts";
import { constant } from "./leaf.ts";

/** Where an elementwise operation takes a tensor, a plain number stands for a scalar constant. */
export type Operand = Tensor | number;

const asTensor = (value: Operand): Tensor => (typeof value === "number" ? constant(value) : value);

function unary(
  name: string,
  onnx: string,
  gradient: (x: Tensor, y: Tensor, dy: Tensor) => Tensor,
): (x: Tensor) => Tensor {
  const primitive = definePrimitive({
    name,
    infer: ([x], _, fail) => (x!.dtype === "float32" ? x! : fail("needs float32")),
    gradient: (node, dy) => [gradient(node.inputs[0]!, node, dy)],
    lower: (emit, _, inputs) => emit.op(onnx, inputs),
  });
  return (x) => makeNode(primitive, [x]);
}

/** −x */
export const neg = unary("neg", "Neg", (_x, _y, dy) => neg(dy));
/** eˣ */
export const exp = unary("exp", "Exp", (_x, y, dy) => mul(dy, y));
/** Natural logarithm. */
export const log = unary("log", "Log", (x, _y, dy) => div(dy, x));
/** √x */
export const sqrt = unary("sqrt", "Sqrt", (_x, y, dy) => div(mul(dy, 0.5), y));
/** Hyperbolic tangent. */
export const tanh = unary("tanh", "Tanh", (_x, y, dy) => mul(dy, sub(1, mul(y, y))));
/** 1 / (1 + e⁻ˣ) */
export const sigmoid = unary("sigmoid", "Sigmoid", (_x, y, dy) => mul(dy, mul(y, sub(1, y))));
/** max(x, 0) */
export const relu = unary("relu", "Relu", (_x, y, dy) => mul(dy, positive(y)));
/** |x|; the gradient at 0 is 0. */
export const abs = unary("abs", "Abs", (x, _y, dy) => mul(dy, sub(positive(x), positive(neg(x)))));

/**
 * 1 where x > 0, else 0; no gradient flows. On the CPU provider one HardSigmoid, clamp(3e38·x, 0,
 * 1), does in one pass what a comparison and a cast do in two (and what `Sign` does five times
 * slower); it differs only for positive x below 3e-39.
 */
const positivePrimitive = definePrimitive({
  name: "positive",
  infer: ([x], _, fail) => (x!.dtype === "float32" ? x! : fail("needs float32")),
  lower: (emit, _, inputs) =>
    emit.provider === "cpu"
      ? emit.op("HardSigmoid", inputs, { alpha: float(3e38), beta: float(0) })
      : emit.op("Cast", [emit.op("Greater", [inputs[0]!, emit.scalar(0)])], { to: 1 }),
});
/** 1 where x > 0, else 0 (float32). No gradient flows through it. */
export const positive = (x: Tensor): Tensor => makeNode(positivePrimitive, [x]);

/**
 * Like that of ReLU, the gradient is taken from the output, whose sign is that of x: 1 or the
 * slope, whichever is larger there.
 */
const leakyReluPrimitive = definePrimitive({
  name: "leakyRelu",
  infer: ([x], { slope }, fail) => {
    if (!((slope as number) > 0 && (slope as number) < 1)) fail("the slope must lie between 0 and 1");
    return x!.dtype === "float32" ? x! : fail("needs float32");
  },
  gradient: (node, dy) => [mul(dy, maximum(positive(node), node.attributes.slope as number))],
  lower: (emit, node, inputs) =>
    emit.op("LeakyRelu", inputs, { alpha: float(node.attributes.slope as number) }),
});
/** max(x, slope · x) for a slope in (0, 1); the gradient at 0 is the slope. */
export const leakyRelu = (x: Tensor, slope: number): Tensor => makeNode(leakyReluPrimitive, [x], { slope });

const identityPrimitive = definePrimitive({
  name: "stopGradient",
  infer: ([x]) => x!,
  lower: (_emit, _node, inputs) => inputs[0]!,
});
/** The value of x, through which no gradient flows. */
export const stopGradient = (x: Tensor): Tensor => makeNode(identityPrimitive, [x]);

type BinaryGradient = (a: Tensor, b: Tensor, y: Tensor, dy: Tensor) => readonly [Tensor, Tensor];

function binary(name: string, onnx: string, gradient?: BinaryGradient): (a: Operand, b: Operand) => Tensor {
  const primitive = definePrimitive({
    name,
    infer: ([a, b], _, fail) => {
      if (a!.dtype !== b!.dtype) fail(`element types differ: ${a!.dtype} and ${b!.dtype}`);
      const shape = broadcastShapes(a!.shape, b!.shape);
      if (!shape) return fail(`${formatShape(a!.shape)} and ${formatShape(b!.shape)} do not broadcast`);
      return { shape, dtype: gradient ? a!.dtype : "bool" };
    },
    ...(gradient && {
      gradient: (node: Tensor, dy: Tensor) => {
        const [a, b] = node.inputs as [Tensor, Tensor];
        const [da, db] = gradient(a, b, node, dy);
        return [sumTo(da, a.shape), sumTo(db, b.shape)];
      },
    }),
    lower: (emit, _, inputs) => emit.op(onnx, inputs),
  });
  return (a, b) => makeNode(primitive, [asTensor(a), asTensor(b)]);
}

/** a + b */
export const add = binary("add", "Add", (_a, _b, _y, dy) => [dy, dy]);
/** a − b */
export const sub = binary("sub", "Sub", (_a, _b, _y, dy) => [dy, neg(dy)]);
/** a · b, elementwise */
export const mul = binary("mul", "Mul", (a, b, _y, dy) => [mul(dy, b), mul(dy, a)]);
/** a / b */
export const div = binary("div", "Div", (_a, b, y, dy) => [div(dy, b), neg(div(mul(dy, y), b))]);
/** The larger of a and b; at a tie the gradient goes to b. */
export const maximum = binary("maximum", "Max", (a, b, _y, dy) => splitBy(positive(sub(a, b)), dy));
/** The smaller of a and b; at a tie the gradient goes to b. */
export const minimum = binary("minimum", "Min", (a, b, _y, dy) => splitBy(positive(sub(b, a)), dy));
/** a > b, as bool. */
export const greater = binary("greater", "Greater");
/** a = b, as bool. */
export const equal = binary("equal", "Equal");

const splitBy = (mask: Tensor, dy: Tensor): readonly [Tensor, Tensor] => {
  const first = mul(dy, mask);
  return [first, sub(dy, first)];
};

const wherePrimitive = definePrimitive({
  name: "where",
  infer: ([condition, a, b], _, fail) => {
    if (condition!.dtype !== "bool") fail("the condition must be bool");
    if (a!.dtype !== b!.dtype) fail(`element types differ: ${a!.dtype} and ${b!.dtype}`);
    const shape = broadcastShapes(condition!.shape, a!.shape, b!.shape);
    return shape ? { shape, dtype: a!.dtype } : fail("shapes do not broadcast");
  },
  gradient: (node, dy) => {
    const [condition, a, b] = node.inputs as [Tensor, Tensor, Tensor];
    return [undefined, sumTo(where(condition, dy, 0), a.shape), sumTo(where(condition, 0, dy), b.shape)];
  },
  lower: (emit, _, inputs) => emit.op("Where", inputs),
});
/** `a` where the condition holds, else `b`; all three broadcast. */
export const where = (condition: Tensor, a: Operand, b: Operand): Tensor =>
  makeNode(wherePrimitive, [condition, asTensor(a), asTensor(b)]);

const castPrimitive = definePrimitive({
  name: "cast",
  infer: ([x], attributes) => ({ shape: x!.shape, dtype: attributes.dtype as DType }),
  gradient: (node, dy) => [node.inputs[0]!.dtype === "float32" && node.dtype === "float32" ? dy : undefined],
  lower: (emit, node, inputs) => emit.op("Cast", inputs, { to: DTYPES[node.dtype].onnx }),
});
/** Change of element type; no gradient flows between different types. float32 → uint8 truncates. */
export const cast = (x: Tensor, dtype: DType): Tensor => makeNode(castPrimitive, [x], { dtype });

/** The adjoint of broadcasting to x's shape: sum over the repeated axes. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return reshape(sum(x, broadcastAxes(shape, x.shape), true), shape);
}

/** Round half to even; no gradient flows (used to write images). */
const roundPrimitive = definePrimitive({
  name: "round",
  infer: ([x]) => x!,
  lower: (emit, _, inputs) =>
    emit.provider === "webgpu" ? lowerRound(emit, inputs[0]!) : emit.op("Round", inputs),
});

/** Nearest integer (ties to even), float32. No gradient flows. */
export const round = (x: Tensor): Tensor => makeNode(roundPrimitive, [x]);

/**
 * WebGPU has no rounding to even, but Floor: with f = ⌊x⌋ and the exact remainder x − f, the
 * nearest integer is f + 1 above ½, and at ½ where f is odd.
 */
function lowerRound(emit: Emitter, x: string): string {
  const half = emit.scalar(0.5);
  const float32 = (flag: string): string => emit.op("Cast", [flag], { to: DTYPES.float32.onnx });
  const floor = emit.op("Floor", [x]);
  const rest = emit.op("Sub", [x, floor]);
  const halves = emit.op("Mul", [floor, half]);
  const oddHalf = emit.op("Sub", [halves, emit.op("Floor", [halves])]);
  const odd = emit.op("Add", [oddHalf, oddHalf]);
  const above = float32(emit.op("Greater", [rest, half]));
  const tie = emit.op("Mul", [float32(emit.op("Equal", [rest, half])), odd]);
  return emit.op("Add", [floor, emit.op("Add", [above, tie])]);
}

/** A tensor of ones or any other number. */
export const full = (shape: readonly number[], value: number): Tensor => broadcastTo(constant(value), shape);
