/**
 * Symbolic tensors. A `Tensor` is a node of a static graph: the primitive that makes it, its inputs
 * and attributes, and its shape and element type, known when the node is built. Nothing is computed
 * here. Nodes are immutable and reachable from their results only, so what no result needs does not
 * exist (dead code needs no pass of its own).
 */
import type { DType } from "./dtype.ts";
import type { Emitter } from "./onnx/emitter.ts";
import { formatShape, type Shape } from "./shape.ts";

export type { DType } from "./dtype.ts";

/** What a node may carry beside its inputs. Typed arrays only in constants. */
export type Attribute =
  | number
  | string
  | boolean
  | readonly number[]
  | readonly (readonly number[])[]
  | ConstantData;
export type Attributes = Readonly<Record<string, Attribute>>;
export type ConstantData = Float32Array | BigInt64Array | Uint8Array;

/** Shape and element type of a node. */
export interface Signature {
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * A primitive operation: everything the system knows about it stands in one entry.
 * New primitives are defined in `operations/`; nothing else has to change.
 */
export interface Primitive {
  readonly name: string;
  /** The shape rule. Throws through `fail` when the inputs do not fit. */
  infer(inputs: readonly Tensor[], attributes: Attributes, fail: (reason: string) => never): Signature;
  /**
   * Reverse-mode rule, in terms of primitives: the gradients toward each input, given the gradient
   * toward the node. `undefined` for an input without one. Left out: the primitive is not
   * differentiable (no gradient flows).
   */
  gradient?(node: Tensor, dy: Tensor): readonly (Tensor | undefined)[];
  /** Write the node as ONNX; returns the name of its value. Inputs are already written. */
  lower(emit: Emitter, node: Tensor, inputs: readonly string[]): string;
}

const primitives = new Map<string, Primitive>();

/** Make a primitive known by its name. @throws Error when another one has the name */
export function definePrimitive(primitive: Primitive): Primitive {
  if (primitives.has(primitive.name)) throw new Error(`There are two primitives "${primitive.name}".`);
  primitives.set(primitive.name, primitive);
  return primitive;
}

/** The primitive of a name. @throws Error when there is none */
export function primitiveOf(name: string): Primitive {
  const primitive = primitives.get(name);
  if (!primitive) throw new Error(`There is no primitive "${name}".`);
  return primitive;
}

/** A value in the graph. */
export interface Tensor extends Signature {
  /** Unique. */
  readonly id: number;
  readonly primitive: Primitive;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  /** Where it was built, unformatted: `originOf` reads the first line outside this folder. */
  readonly trace: Error | undefined;
}

/** A graph that cannot be: names the operation, its arguments and the source line that built it. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

let nextId = 1;
let currentTrace: Error | undefined;

/** Build a node. @throws ShapeError when the shape rule refuses the inputs */
export function makeNode(
  primitive: Primitive,
  inputs: readonly Tensor[],
  attributes: Attributes = {},
): Tensor {
  const trace = currentTrace ?? captureTrace();
  const fail = (reason: string): never => {
    const operands = inputs.map((t) => `${t.dtype} ${formatShape(t.shape)}`).join(", ");
    const details = formatAttributes(attributes);
    throw new ShapeError(
      `${primitive.name}(${operands}${details && `; ${details}`}): ${reason}\n  built at ${originOf({ trace })}`,
    );
  };
  const { shape, dtype } = primitive.infer(inputs, attributes, fail);
  return { id: nextId++, primitive, inputs, attributes, shape, dtype, trace };
}

/**
 * Nodes built inside `build` are said to come from where `node` was built (gradients and rewrites
 * of it).
 */
export function withOriginOf<T>(node: Tensor, build: () => T): T {
  const before = currentTrace;
  currentTrace = node.trace;
  try {
    return build();
  } finally {
    currentTrace = before;
  }
}

/**
 * Twenty frames reach from a primitive out of any layer helper; V8 formats them only if somebody
 * asks.
 */
function captureTrace(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 20;
  const trace = new Error("origin");
  Error.stackTraceLimit = limit;
  return trace;
}

const origins = new WeakMap<Error, string>();

/** The source line (`folder/file.ts:line`) that built a node: the first one outside this folder. */
export function originOf({ trace }: Pick<Tensor, "trace">): string {
  if (!trace) return UNKNOWN;
  // Gradients and rewrites of a node share its trace, and formatting one takes time.
  const origin = origins.get(trace) ?? readOrigin(trace);
  origins.set(trace, origin);
  return origin;
}

const UNKNOWN = "unknown place";

function readOrigin(trace: Error): string {
  const frames = (trace.stack ?? "").split("\n").slice(1);
  const outside = frames.find((f) => !/[\\/]graph[\\/](?!.*\.test\.)/.test(f) && !f.includes("node:"));
  const place = /([^\\/(]+[\\/][^\\/]+:\d+):\d+\)?$/.exec(outside ?? frames.at(-1) ?? "");
  return place?.[1] ?? UNKNOWN;
}

/** `axes=[2, 3] keepDims=true` */
export function formatAttributes(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(
      ([name, value]) =>
        `${name}=${ArrayBuffer.isView(value) ? `<${value.length} values>` : JSON.stringify(value)}`,
    )
    .join(" ");
}

/**
 * All nodes that `results` need, inputs before users. Iterative: graphs are deeper than the call
 * stack.
 */
export function topologicalOrder(results: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { node: Tensor; next: number }[] = [];
  for (const result of results) {
    if (seen.has(result)) continue;
    seen.add(result);
    stack.push({ node: result, next: 0 });
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}
