/** Elementwise operations, sums and resampling of feature maps. */

import { type Context, type Lowering, type MapValue, unaryPostOp, unsupported } from "../context.node.ts";
import { BINARY, UNARY } from "../elementwise.ts";
import type { Memory } from "../memory.ts";
import { type Algorithm, ARGUMENT } from "../vocabulary.ts";
import { planWithPostOps } from "./convolution.node.ts";
import { belongsToNorm } from "./norm.node.ts";

/** Fewer channels than this are images: they are handled as plain values, in float32. */
const FEWEST_CHANNELS = 8;

/** Whether a node of these operands should be a feature map. */
function onMaps(c: Context, i: number): boolean {
  const { shape, inputs, dtype } = c.node(i);
  return (
    dtype === "float32" &&
    shape.length === 4 &&
    shape[1]! >= FEWEST_CHANNELS &&
    inputs.some((input) => c.hasMap(input) && c.size(input) === c.size(i))
  );
}

const COMMUTATIVE = new Set(["add", "mul", "maximum", "minimum"]);

function applyUnary(c: Context, i: number, algorithm: Algorithm, alpha: number, beta: number): boolean {
  const x = c.map(c.node(i).inputs[0]!);
  const plan = c.dnnl.unary(c.disposables, x.descriptor, algorithm, [alpha, beta]);
  if (!plan) return false;
  const y = c.memory(x.descriptor);
  c.execute("elementwise", plan, [[ARGUMENT.source, x]], [[ARGUMENT.result, y]], x);
  c.setMap(i, y);
  return true;
}

const unary: Lowering = (c, i) => {
  if (!onMaps(c, i)) return false;
  const { operation, attributes } = c.node(i);
  if (operation === "leakyRelu") return applyUnary(c, i, "relu", attributes.slope as number, 0);
  return applyUnary(c, i, ...UNARY[operation]!);
};

/** The same value: no pass. */
const same: Lowering = (c, i) => {
  const x = c.node(i).inputs[0]!;
  if (c.hasMap(x)) c.setMap(i, c.map(x));
  else c.setPlain(i, c.plain(x));
  return true;
};

/** The number that all elements of a constant are. */
function numberOf(c: Context, i: number): number | undefined {
  if (c.is(i, "broadcastTo", "reshape")) return numberOf(c, c.node(i).inputs[0]!);
  if (!c.is(i, "constant")) return undefined;
  const data = c.node(i).attributes.data as Float32Array;
  return data.every((v) => v === data[0]) ? Number(data[0]) : undefined;
}

/**
 * y and the slope of a node that is 1 where y > 0 and the slope elsewhere: the derivative of a
 * (leaky) ReLU.
 */
function maskOf(c: Context, i: number): { readonly y: number; readonly slope: number } | undefined {
  if (c.is(i, "positive")) return { y: c.node(i).inputs[0]!, slope: 0 };
  if (!c.is(i, "maximum")) return undefined;
  const [a, b] = c.node(i).inputs as [number, number];
  for (const [mask, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const slope = numberOf(c, other);
    if (c.is(mask, "positive") && slope !== undefined && slope >= 0 && slope < 1)
      return { y: c.node(mask).inputs[0]!, slope };
  }
  return undefined;
}

/**
 * A mask of a map is used by a product that needs no mask; it is only made if somebody else wants
 * it.
 */
const mask: Lowering = (c, i) => {
  const found = maskOf(c, i);
  if (!found || !c.hasMap(found.y) || c.node(i).shape[1]! < FEWEST_CHANNELS)
    return c.is(i, "maximum") && binary(c, i);
  c.defer(i, () => {
    const y = c.map(found.y);
    const zero = c.constant("zero", 4, (memory) => new Float32Array(memory).fill(0));
    const zeros = c.plainMemory(zero, [1, 1, 1, 1]);
    const floor = found.slope > 0 ? [unaryPostOp("linear", 1 - found.slope, found.slope)] : [];
    const plan = c.dnnl.binary(
      c.disposables,
      [y.descriptor, zeros.descriptor, y.descriptor],
      "greater",
      floor,
    );
    if (!plan) throw unsupported(`oneDNN cannot compare a map (${c.node(i).origin}).`);
    const result = c.memory(y.descriptor);
    c.execute(
      "mask",
      plan,
      [
        [ARGUMENT.source, y],
        [ARGUMENT.source1, zeros],
      ],
      [[ARGUMENT.result, result]],
    );
    c.setMap(i, result);
  });
  return true;
};

/**
 * The value as a map of `shape`, repeated where it is smaller; undefined where there is no fast
 * way.
 */
function broadcastMap(c: Context, i: number, shape: readonly number[]): MapValue | undefined {
  const own = c.node(i).shape;
  if (c.size(i) === shape.reduce((a, b) => a * b, 1)) return c.map(i);
  const [n, channels, h, w] = shape as [number, number, number, number];
  if (own.join() !== [n, channels, 1, 1].join()) return undefined;
  return broadcastOverMap(c, c.plain(i), shape as [number, number, number, number], h * w);
}

/** Values [N, C] on all places of maps [N, C, H, W], times `factor` / (H · W). */
function broadcastOverMap(
  c: Context,
  values: Memory,
  [n, channels, h, w]: readonly [number, number, number, number],
  factor: number,
): MapValue | undefined {
  const small = c.memory(c.mapDescriptor([n, channels, 1, 1]));
  const plan = c.dnnl.poolGradient(
    c.disposables,
    [c.mapDescriptor([n, channels, h, w]), small.descriptor],
    [h, w],
  );
  if (!plan) return undefined;
  const scaled = c.floatBuffer(n * channels);
  c.loop("scale", [[values, n * channels]], [scaled, n * channels], (out, [x]) => () => {
    for (let i = 0; i < out.length; i++) out[i] = x![i]! * factor;
  });
  c.reorder("plain to map", c.plainMemory(scaled, [n, channels, 1, 1]), small);
  const result = c.memory(c.mapDescriptor([n, channels, h, w]));
  c.execute("repeat", plan, [[ARGUMENT.resultGradient, small]], [[ARGUMENT.sourceGradient, result]]);
  return result;
}

/**
 * An operand that oneDNN repeats by itself: [C], [N, C] or a number, with as many axes as the map.
 */
function broadcastable(c: Context, i: number, rank: number): MapValue {
  const own = c.node(i).shape;
  const shape = [...new Array<number>(rank - own.length).fill(1), ...own];
  return c.plainMemory(c.plain(i), shape);
}

const binary: Lowering = (c, i) => {
  const { operation, inputs, shape } = c.node(i);
  if (operation === "mul" && belongsToNorm(c, i)) {
    // Computed only if the normalization does not take it apart after all.
    c.defer(i, () => {
      if (!product(c, i)) throw new Error(`A masked gradient could not be computed (${c.node(i).origin}).`);
    });
    return true;
  }
  if (operation === "mul" && product(c, i)) return true;
  if (!onMaps(c, i)) return false;
  let [a, b] = inputs as [number, number];
  const full = (node: number): boolean => c.size(node) === c.size(i);
  // A number as the second operand: no memory is read for it.
  const commutes = COMMUTATIVE.has(operation);
  if (!full(a) || (commutes && !c.hasMap(a) && c.hasMap(b))) {
    if (!commutes) return false;
    [a, b] = [b, a];
  }
  const number = numberOf(c, b);
  if (number !== undefined && ["add", "sub", "mul", "div"].includes(operation)) {
    const scale = operation === "mul" ? number : operation === "div" ? 1 / number : 1;
    const shift = operation === "add" ? number : operation === "sub" ? -number : 0;
    const x = c.map(a);
    const plan = c.dnnl.unary(c.disposables, x.descriptor, "linear", [scale, shift]);
    if (!plan) return false;
    const y = c.memory(x.descriptor);
    c.execute("elementwise", plan, [[ARGUMENT.source, x]], [[ARGUMENT.result, y]], x);
    c.setMap(i, y);
    return true;
  }
  const x = c.map(a);
  const other = full(b) ? c.map(b) : broadcastable(c, b, shape.length);
  const { plan, rest } = planWithPostOps(c, i, (postOps) =>
    c.dnnl.binary(c.disposables, [x.descriptor, other.descriptor, x.descriptor], BINARY[operation]!, postOps),
  );
  if (!plan) return false;
  const y = c.memory(x.descriptor);
  const later = rest.postOps.findIndex(({ kind }) => kind === "binary");
  c.execute(
    "elementwise",
    plan,
    [
      [ARGUMENT.source, x],
      [ARGUMENT.source1, other],
      ...rest.operands.map((value) => [ARGUMENT.postOp(later), value] as const),
    ],
    [[ARGUMENT.result, y]],
    x,
  );
  c.setMap(rest.last, y);
  return true;
};

/** d times the derivative of a ReLU: the gradient of one, in one pass. */
function product(c: Context, i: number): boolean {
  const { inputs, shape } = c.node(i);
  if (shape.length !== 4 || shape[1]! < FEWEST_CHANNELS) return false;
  const [a, b] = inputs as [number, number];
  for (const [maskNode, d] of [
    [a, b],
    [b, a],
  ] as const) {
    const found = maskOf(c, maskNode);
    if (!found || !c.hasMap(found.y) || c.size(found.y) !== c.size(i)) continue;
    const dy = broadcastMap(c, d, shape);
    if (!dy) continue;
    const y = c.map(found.y);
    const plan = c.dnnl.reluGradient(c.disposables, y.descriptor, dy.descriptor, found.slope);
    if (!plan) continue;
    const dx = c.memory(dy.descriptor);
    c.execute(
      "relu gradient",
      plan,
      [
        [ARGUMENT.result, y],
        [ARGUMENT.resultGradient, dy],
      ],
      [[ARGUMENT.sourceGradient, dx]],
      dy,
    );
    c.setMap(i, dx);
    return true;
  }
  return false;
}

/** [N, C, 1, 1] repeated over a map: the gradient of a spatial sum. */
const broadcastTo: Lowering = (c, i) => {
  const { inputs, shape } = c.node(i);
  if (shape.length !== 4 || shape[1]! < FEWEST_CHANNELS) return false;
  const result = broadcastMap(c, inputs[0]!, shape);
  if (!result || c.size(inputs[0]!) === c.size(i)) return false;
  c.setMap(i, result);
  return true;
};

export const MAPS: Readonly<Record<string, Lowering>> = {
  ...Object.fromEntries(["leakyRelu", ...Object.keys(UNARY)].map((name) => [name, unary])),
  ...Object.fromEntries(Object.keys(BINARY).map((name) => [name, binary])),
  positive: mask,
  maximum: mask,
  stopGradient: same,
  broadcastTo,
};
