/**
 * Plain values: leaves, views, matrix products, and arithmetic on long vectors, as the optimizer's
 * are.
 */

import { sizeOf } from "../../../graph/shape.ts";
import { type Context, type Lowering, type MapValue, unaryPostOp, unsupported } from "../context.node.ts";
import { BINARY, UNARY } from "../elementwise.ts";
import { LOOPS } from "../loops.ts";
import { type Memory, rootOf } from "../memory.ts";
import { type Algorithm, ARGUMENT, type MemoryDescriptor, type PostOp } from "../vocabulary.ts";

const numbers = (value: unknown): readonly number[] => value as readonly number[];

const constant: Lowering = (c, i) => {
  const data = c.node(i).attributes.data as ArrayLike<number | bigint>;
  const memory = c.constant(`node ${i}`, 4 * Math.max(1, data.length), (bytes) =>
    new Float32Array(bytes).set(Array.from(data, Number)),
  );
  c.setPlain(i, memory);
  return true;
};

/** The same numbers under another shape: the same memory. */
const reshape: Lowering = (c, i) => {
  c.setPlain(i, c.plain(c.node(i).inputs[0]!));
  return true;
};

/** Whole rows of the first axis, or a part of a vector, are a part of the memory. */
const slice: Lowering = (c, i) => {
  const { inputs, attributes, shape, dtype } = c.node(i);
  const x = inputs[0]!;
  const from = c.node(x).shape;
  const [starts, strides] = [numbers(attributes.starts), numbers(attributes.strides)];
  const rows = strides[0] === 1 && shape.every((n, axis) => axis === 0 || n === from[axis]);
  if (!rows) return false;
  const start = starts[0]! * sizeOf(from.slice(1));
  if (c.hasMap(x) && !c.hasPlain(x) && dtype === "float32") {
    const { buffer } = c.map(x);
    const size = buffer.bytes / c.size(x);
    const within = { buffer, offset: start * size };
    const part = { bytes: c.size(i) * size, within };
    c.setMap(i, { buffer: part, descriptor: c.mapDescriptor(shape) });
  } else c.setPlain(i, { bytes: 4 * c.size(i), within: { buffer: c.plain(x), offset: 4 * start } });
  return true;
};

/** Parts that come one after another in memory are computed there, where that is still possible. */
const concat: Lowering = (c, i) => {
  const { inputs, attributes, shape } = c.node(i);
  if (shape.slice(0, attributes.axis as number).some((n) => n !== 1)) return false;
  const result = c.floatBuffer(c.size(i));
  const copied: { readonly memory: Memory; readonly offset: number; readonly size: number }[] = [];
  let offset = 0;
  for (const input of inputs) {
    const memory = c.plain(input);
    const size = c.size(input);
    const free = memory.fixed === undefined && !memory.within && memory.bytes === 4 * size;
    if (free) memory.within = { buffer: result, offset: 4 * offset };
    else copied.push({ memory, offset, size });
    offset += size;
  }
  for (const { memory, offset: start, size } of copied) {
    const part: Memory = { bytes: 4 * size, within: { buffer: result, offset: 4 * start } };
    c.loop(
      "concat",
      [[memory, size]],
      [part, size],
      (out, [x]) =>
        () =>
          out.set(x!),
    );
  }
  c.setPlain(i, result);
  return true;
};

/** From this length on oneDNN is faster than a loop. */
const LONG = 4096;

/**
 * What one more node does to a long vector, and its other operand; undefined where that is no
 * single operation.
 */
interface Step {
  readonly postOps: readonly PostOp[];
  readonly operand?: MapValue;
}

const numberOf = (c: Context, i: number): number | undefined =>
  c.is(i, "constant") && c.size(i) === 1 && c.node(i).dtype === "float32"
    ? Number((c.node(i).attributes.data as Float32Array)[0])
    : undefined;

/** `vector` is the operand that is already being computed. */
function stepOf(c: Context, i: number, vector: number): Step | undefined {
  const { operation, inputs, dtype } = c.node(i);
  if (dtype !== "float32" || c.size(i) < LONG) return undefined;
  const own = UNARY[operation];
  if (own) return { postOps: [unaryPostOp(...own)] };
  const algorithm = BINARY[operation];
  if (algorithm === undefined) return undefined;
  const [a, b] = inputs as [number, number];
  const other = a === vector ? b : a;
  if (other === vector) return operation === "mul" ? { postOps: [unaryPostOp("square")] } : undefined;
  const first = a === vector;
  const number = numberOf(c, other);
  if (number !== undefined && operation !== "maximum" && operation !== "minimum") {
    if (operation === "mul") return { postOps: [unaryPostOp("linear", number, 0)] };
    if (operation === "add") return { postOps: [unaryPostOp("linear", 1, number)] };
    if (operation === "sub")
      return {
        postOps: [first ? unaryPostOp("linear", 1, -number) : unaryPostOp("linear", -1, number)],
      };
    if (first) return { postOps: [unaryPostOp("linear", 1 / number, 0)] };
    return undefined;
  }
  const whole = c.size(other) === c.size(i);
  if ((!whole && c.size(other) !== 1) || !c.hasPlain(other)) return undefined;
  const operand = c.plainMemory(c.plain(other), [c.size(other)]);
  const binary = (kind: Algorithm): PostOp => ({
    kind: "binary",
    algorithm: kind,
    descriptor: operand.descriptor,
  });
  if (first || ["add", "mul", "maximum", "minimum"].includes(operation))
    return { postOps: [binary(algorithm)], operand };
  if (operation === "sub") return { postOps: [unaryPostOp("linear", -1, 0), binary("add")], operand };
  return undefined;
}

/** Operations in one pass at most. */
const MAX = 12;

/** Arithmetic on a long vector, and what follows on it alone, in one pass over memory. */
const arithmetic: Lowering = (c, i) => {
  const { inputs, dtype, operation } = c.node(i);
  const length = c.size(i);
  if (dtype !== "float32" || length < LONG || inputs.some((input) => c.node(input).dtype !== "float32"))
    return false;
  const start = inputs.find(
    (input) =>
      c.size(input) === length &&
      (UNARY[operation] !== undefined || inputs.length === 1 || stepReady(c, i, input)),
  );
  if (start === undefined) return false;
  const source = c.plainMemory(c.plain(start), [length]);
  const first = stepOf(c, i, start);
  if (!first) return false;
  const postOps: PostOp[] = [...first.postOps];
  const operands: (readonly [number, MapValue])[] = [];
  const note = (step: Step, from: number): void => {
    const place = step.postOps.findIndex(({ kind }) => kind === "binary");
    if (step.operand) operands.push([ARGUMENT.postOp(from + place), step.operand]);
  };
  note(first, 0);
  // Primitives of one operand take nothing more with them; those of two do.
  const alone = first.postOps[0]!.kind === "unary";
  let last = i;
  for (
    let next = c.onlyUser(last);
    next !== undefined && !alone && postOps.length < MAX;
    next = c.onlyUser(last)
  ) {
    if (c.size(next) !== length || c.isDone(next)) break;
    const step = stepOf(c, next, last);
    if (!step) break;
    note(step, postOps.length);
    postOps.push(...step.postOps);
    last = next;
  }
  const made = firstOf(c, source.descriptor, postOps, operands);
  if (!made) return false;
  const result = c.plainMemory(c.floatBuffer(length), [length]);
  c.execute(
    "arithmetic",
    made.plan,
    [[ARGUMENT.source, source], ...made.operands],
    [[ARGUMENT.result, result]],
    source,
  );
  c.setPlain(last, result.buffer);
  return true;
};

const stepReady = (c: Context, i: number, input: number): boolean => {
  c.plain(input);
  for (const other of c.node(i).inputs) if (other !== input) c.plain(other);
  return stepOf(c, i, input) !== undefined;
};

/** The first operation is the primitive, those after it are done on its result. */
function firstOf(
  c: Context,
  descriptor: MemoryDescriptor,
  postOps: readonly PostOp[],
  operands: readonly (readonly [number, MapValue])[],
) {
  const [head, ...rest] = postOps as [PostOp, ...PostOp[]];
  if (head.kind === "unary") {
    const plan = c.dnnl.unary(c.disposables, descriptor, head.algorithm, [head.alpha, head.beta], rest);
    const moved = operands.map(([number, value]) => [number - ARGUMENT_STEP, value] as const);
    return plan && { plan, operands: moved };
  }
  const plan = c.dnnl.binary(c.disposables, [descriptor, head.descriptor, descriptor], head.algorithm, rest);
  const moved = operands.map(
    ([number, value], i) => [i === 0 ? ARGUMENT.source1 : number - ARGUMENT_STEP, value] as const,
  );
  return plan && { plan, operands: moved };
}
const ARGUMENT_STEP = ARGUMENT.postOp(1) - ARGUMENT.postOp(0);

/** Any operation as a loop. @throws Error where there is none */
export function asLoop(c: Context, i: number): void {
  const node = c.node(i);
  const make = LOOPS[node.operation];
  if (!make) throw unsupported(`The native engine has no "${node.operation}" (${node.origin}).`);
  const operands = node.inputs.map((input) => [c.plain(input), c.size(input)] as const);
  const shapes = node.inputs.map((input) => c.node(input).shape);
  const result = c.floatBuffer(c.size(i));
  c.loop(`loop ${node.operation}`, operands, [result, c.size(i)], (out, values) =>
    make(node, shapes, out, values),
  );
  c.setPlain(i, result);
}

export const PLAIN: Readonly<Record<string, Lowering>> = {
  constant,
  reshape,
  slice,
  concat,
  ...Object.fromEntries([...Object.keys(UNARY), ...Object.keys(BINARY)].map((name) => [name, arithmetic])),
};

/** Whether memory lies somewhere of its own, so that it may become a part of something else. */
export const isOwn = (memory: Memory): boolean =>
  memory.fixed === undefined && rootOf(memory).root === memory;
