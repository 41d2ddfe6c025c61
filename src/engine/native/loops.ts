/**
 * Operations that oneDNN does not have, as loops over float32 arrays in row-major order: small in a
 * training step, but not rare. All element types are float32 here; integers and truth values are
 * whole numbers.
 */
import type { GraphNode } from "../../graph/data.ts";
import { type Shape, sizeOf, stridesOf } from "../../graph/shape.ts";

/** Makes the loop of one node for the arrays it reads and writes. */
export type MakeLoop = (
  node: GraphNode,
  shapes: readonly Shape[],
  out: Float32Array,
  operands: readonly Float32Array[],
) => () => void;

/** For every element of `shape` in order, `index` of its coordinates. */
function indicesOf(shape: Shape, index: (coordinates: readonly number[]) => number): Int32Array {
  const result = new Int32Array(sizeOf(shape));
  const at = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < result.length; i++) {
    result[i] = index(at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++at[axis]! < shape[axis]!) break;
      at[axis] = 0;
    }
  }
  return result;
}

/** For every element of `shape` in order: `start` + Σ coordinate · stride. */
function affineIndices(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  let result = Int32Array.of(start);
  for (const [axis, n] of shape.entries()) {
    const next = new Int32Array(result.length * n);
    const stride = strides[axis]!;
    for (let i = 0, at = 0; i < result.length; i++)
      for (let k = 0, place = result[i]!; k < n; k++, place += stride) next[at++] = place;
    result = next;
  }
  return result;
}

/** Where each element of `to` comes from when `from` is broadcast to it. */
function broadcastIndices(from: Shape, to: Shape): Int32Array {
  const own = stridesOf(from);
  const skip = to.length - from.length;
  const strides = to.map((_, axis) => (axis < skip || from[axis - skip] === 1 ? 0 : own[axis - skip]!));
  return affineIndices(to, strides);
}

const list = (node: GraphNode, name: string): readonly number[] => node.attributes[name] as readonly number[];

/** A move: element i is that of the operand at `indices[i]`, or 0 where that is negative. */
const move =
  (indices: (node: GraphNode, from: Shape) => Int32Array): MakeLoop =>
  (node, [from], out, [x]) => {
    const places = indices(node, from!);
    return () => {
      for (let i = 0; i < out.length; i++) {
        const place = places[i]!;
        out[i] = place < 0 ? 0 : x![place]!;
      }
    };
  };

/**
 * Loops are written out for each operation: a shared loop that calls a function for each element is
 * five times slower. `expression` is one of those below, never a user's.
 */
const unary = (expression: string): MakeLoop => {
  const make = new Function(
    ...["out", "x", "c"],
    `return () => { for (let i = 0; i < out.length; i++) { const a = x[i]; out[i] = ${expression}; } };`,
  ) as (out: Float32Array, x: Float32Array, c: unknown) => () => void;
  return (node, _, out, [x]) => make(out, x!, node.attributes.slope);
};

type Binary = (
  out: Float32Array,
  x: Float32Array,
  y: Float32Array,
  p: Int32Array | undefined,
  q: Int32Array | undefined,
) => () => void;

const binary = (expression: string): MakeLoop => {
  const loop = (a: string, b: string): Binary =>
    new Function(
      ...["out", "x", "y", "p", "q"],
      `return () => { for (let i = 0; i < out.length; i++) { const a = x[${a}], b = y[${b}]; out[i] = ${expression}; } };`,
    ) as Binary;
  const own = { whole: "i", single: "0", indexed: (name: string) => `${name}[i]` };
  const loops = new Map<string, Binary>();
  return (node, [s, t], out, [x, y]) => {
    const kind = (shape: Shape, name: string): string =>
      sizeOf(shape) === out.length ? own.whole : sizeOf(shape) === 1 ? own.single : own.indexed(name);
    const [a, b] = [kind(s!, "p"), kind(t!, "q")];
    const key = `${a} ${b}`;
    const make = loops.get(key) ?? loop(a, b);
    loops.set(key, make);
    const indices = (shape: Shape, used: string): Int32Array | undefined =>
      used.endsWith("[i]") ? broadcastIndices(shape, node.shape) : undefined;
    return make(out, x!, y!, indices(s!, a), indices(t!, b));
  };
};

const reduce = (start: string, expression: string): MakeLoop => {
  const whole = new Function(
    ...["out", "x"],
    `return () => { let s = ${start}; for (let i = 0; i < x.length; i++) { const v = x[i]; s = ${expression}; } out[0] = s; };`,
  ) as (out: Float32Array, x: Float32Array) => () => void;
  const parts = new Function(
    ...["out", "x", "p"],
    `return () => { out.fill(${start}); for (let i = 0; i < x.length; i++) { const k = p[i], v = x[i], s = out[k]; out[k] = ${expression}; } };`,
  ) as (out: Float32Array, x: Float32Array, p: Int32Array) => () => void;
  return (node, [from], out, [x]) => {
    if (out.length === 1) return whole(out, x!);
    const axes = list(node, "axes");
    const kept = from!.map((n, axis) => (axes.includes(axis) ? 1 : n));
    const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
    return parts(out, x!, affineIndices(from!, strides));
  };
};

/** Nearest whole number, ties to even. */
const roundToEven = "(a - Math.floor(a) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a))";

/** Reverse along any axes. */
const reverseAny = move((node) => {
  const axes = list(node, "axes");
  const own = stridesOf(node.shape);
  const strides = own.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
  return affineIndices(
    node.shape,
    strides,
    axes.reduce((start, axis) => start + (node.shape[axis]! - 1) * own[axis]!, 0),
  );
});

/** Loops by operation. */
export const LOOPS: Readonly<Record<string, MakeLoop>> = {
  add: binary("a + b"),
  sub: binary("a - b"),
  mul: binary("a * b"),
  div: binary("a / b"),
  maximum: binary("a > b ? a : b"),
  minimum: binary("a < b ? a : b"),
  greater: binary("a > b ? 1 : 0"),
  equal: binary("a === b ? 1 : 0"),
  neg: unary("-a"),
  exp: unary("Math.exp(a)"),
  log: unary("Math.log(a)"),
  sqrt: unary("Math.sqrt(a)"),
  tanh: unary("Math.tanh(a)"),
  sigmoid: unary("1 / (1 + Math.exp(-a))"),
  relu: unary("a > 0 ? a : 0"),
  abs: unary("Math.abs(a)"),
  positive: unary("a > 0 ? 1 : 0"),
  leakyRelu: unary("a > 0 ? a : c * a"),
  round: unary(roundToEven),
  cast(node, _, out, [x]) {
    if (node.dtype === "float32") return () => out.set(x!);
    if (node.dtype === "bool")
      return () => {
        for (let i = 0; i < out.length; i++) out[i] = x![i] === 0 ? 0 : 1;
      };
    return () => {
      for (let i = 0; i < out.length; i++) out[i] = Math.trunc(x![i]!);
    };
  },
  sum: reduce("0", "s + v"),
  max: reduce("-Infinity", "v > s ? v : s"),
  argmax(node, [from], out, [x]) {
    const axis = node.attributes.axis as number;
    const step = sizeOf(from!.slice(axis + 1));
    const length = from![axis]!;
    return () => {
      for (let i = 0; i < out.length; i++) {
        const start = Math.floor(i / step) * step * length + (i % step);
        let best = 0;
        for (let j = 1; j < length; j++) if (x![start + j * step]! > x![start + best * step]!) best = j;
        out[i] = best;
      }
    };
  },
  where(node, shapes, out, [condition, a, b]) {
    const [p, q, r] = shapes.map((shape) => broadcastIndices(shape, node.shape));
    return () => {
      for (let i = 0; i < out.length; i++) out[i] = condition![p![i]!] !== 0 ? a![q![i]!]! : b![r![i]!]!;
    };
  },
  gather(_, [from], out, [x, indices]) {
    const row = sizeOf(from!.slice(1));
    return () => {
      for (let i = 0; i < indices!.length; i++) {
        const place = indices![i]! < 0 ? indices![i]! + from![0]! : indices![i]!;
        out.set(x!.subarray(place * row, (place + 1) * row), i * row);
      }
    };
  },
  scatterAdd(node, _, out, [values, indices]) {
    const row = sizeOf(node.shape.slice(1));
    return () => {
      out.fill(0);
      for (let i = 0; i < indices!.length; i++)
        for (let j = 0; j < row; j++) out[indices![i]! * row + j]! += values![i * row + j]!;
    };
  },
  broadcastTo: move((node, from) => broadcastIndices(from, node.shape)),
  transpose: move((node, from) => {
    const strides = stridesOf(from);
    return affineIndices(
      node.shape,
      list(node, "permutation").map((axis) => strides[axis]!),
    );
  }),
  reverse(node, shapes, out, operands) {
    const axes = list(node, "axes");
    const rank = node.shape.length;
    // All last axes, as of kernels: every run of elements is turned round.
    if (axes.every((axis, i) => axis === rank - axes.length + i)) {
      const run = sizeOf(node.shape.slice(rank - axes.length));
      const x = operands[0]!;
      return () => {
        for (let start = 0; start < out.length; start += run)
          for (let j = 0; j < run; j++) out[start + j] = x[start + run - 1 - j]!;
      };
    }
    return reverseAny(node, shapes, out, operands);
  },
  slice: move((node, from) => {
    const own = stridesOf(from);
    const steps = list(node, "strides");
    return affineIndices(
      node.shape,
      own.map((stride, axis) => stride * steps[axis]!),
      list(node, "starts").reduce((start, n, axis) => start + n * own[axis]!, 0),
    );
  }),
  pad: move((node, from) => {
    const strides = stridesOf(from);
    const [low, interior] = [list(node, "low"), list(node, "interior")];
    return indicesOf(node.shape, (at) => {
      let place = 0;
      for (const [axis, n] of at.entries()) {
        const step = interior[axis]! + 1;
        const own = (n - low[axis]!) / step;
        if (own < 0 || !Number.isInteger(own) || own >= from[axis]!) return -1;
        place += own * strides[axis]!;
      }
      return place;
    });
  }),
  concat(node, shapes, out, operands) {
    const axis = node.attributes.axis as number;
    const rest = sizeOf(node.shape.slice(axis + 1));
    const outer = sizeOf(node.shape.slice(0, axis));
    const row = node.shape[axis]! * rest;
    const runs = shapes.map((shape) => shape[axis]! * rest);
    return () => {
      for (let i = 0; i < outer; i++) {
        let start = i * row;
        for (const [j, run] of runs.entries()) {
          out.set(operands[j]!.subarray(i * run, (i + 1) * run), start);
          start += run;
        }
      }
    };
  },
};
