/**
 * A graph on its way to instructions. Each value lies in one of two domains, or in both where
 * somebody asked for it in the other one: feature maps (channels last, bfloat16 or float32) for
 * oneDNN, and plain float32 arrays in row-major order for everything else.
 */
import { UserError } from "../../base/errors.ts";
import type { GraphData, GraphNode } from "../../graph/data.ts";
import { sizeOf } from "../../graph/shape.ts";
import { createDisposables, type Disposables, type Plan } from "./dnnl.node.ts";
import { type Memory, type MemoryAccess, planMemory } from "./memory.ts";
import type { Dnnl } from "./plans.node.ts";
import {
  type Algorithm,
  ARGUMENT,
  type MemoryDescriptor,
  type MemoryType,
  type PostOp,
} from "./vocabulary.ts";

/** A feature map: memory, and how it lies there. */
export interface MapValue {
  readonly buffer: Memory;
  readonly descriptor: MemoryDescriptor;
}

/** The error for networks that cannot be trained here. */
export const unsupported = (reason: string): UserError =>
  new UserError(
    `These networks cannot be trained in bfloat16 here: ${reason}`,
    "Train in float32: engine.precision=float32.",
  );

/** One thing to do. */
export interface Instruction extends MemoryAccess {
  /** For profiles. */
  readonly label: string;
  /** Make it runnable, once all addresses are known. */
  readonly build: (places: Places, disposables: Disposables) => () => void;
}

/** Where buffers came to lie. */
export interface Places {
  addressOf(buffer: Memory): number;
  /** A buffer as float32 numbers. */
  floats(buffer: Memory, length: number): Float32Array;
}

/** An argument of a primitive. */
export type Argument = readonly [number: number, value: MapValue];

/** Lowers a node; false where it has nothing better than a loop. */
export type Lowering = (context: Context, node: number) => boolean;

/** What lowerings work with. */
export class Context {
  readonly instructions: Instruction[] = [];
  /** Plans live as long as the primitives made of them. */
  readonly disposables = createDisposables();
  /** Users of each node; a node that uses another twice is there twice. */
  readonly users: readonly (readonly number[])[];
  readonly #outputs: ReadonlySet<number>;
  readonly #plain = new Map<number, Memory>();
  readonly #maps = new Map<number, MapValue>();
  readonly #reordered = new Map<string, MapValue>();
  /** Nodes that are only computed if somebody wants their value by itself. */
  readonly #deferred = new Map<number, () => void>();
  readonly #constants = new Map<string, Memory>();

  readonly dnnl: Dnnl;
  readonly graph: GraphData;
  /** Element type of feature maps and of rounded kernels. */
  readonly type: MemoryType;

  constructor(dnnl: Dnnl, graph: GraphData, type: MemoryType) {
    this.dnnl = dnnl;
    this.graph = graph;
    this.type = type;
    const users: number[][] = graph.nodes.map(() => []);
    for (const [i, { inputs }] of graph.nodes.entries()) for (const input of inputs) users[input]!.push(i);
    this.users = users;
    this.#outputs = new Set(graph.outputs.map(({ node }) => node));
  }

  node(i: number): GraphNode {
    return this.graph.nodes[i]!;
  }
  is(i: number | undefined, ...operations: readonly string[]): i is number {
    return i !== undefined && operations.includes(this.node(i).operation);
  }
  size(i: number): number {
    return sizeOf(this.node(i).shape);
  }
  /** The one node that wants this one; undefined where there are several, or the world outside. */
  onlyUser(i: number): number | undefined {
    const users = this.users[i]!;
    return users.length === 1 && !this.#outputs.has(i) ? users[0] : undefined;
  }
  isOutput(i: number): boolean {
    return this.#outputs.has(i);
  }

  /** Whether a value is there, or will be when it is asked for. */
  isDone(i: number): boolean {
    return this.#plain.has(i) || this.#maps.has(i) || this.#deferred.has(i);
  }
  /** Whether a value is there in either domain. */
  hasValue(i: number): boolean {
    return this.#plain.has(i) || this.#maps.has(i);
  }
  hasMap(i: number): boolean {
    return this.#maps.has(i);
  }
  hasPlain(i: number): boolean {
    return this.#plain.has(i);
  }
  setPlain(i: number, buffer: Memory): void {
    this.#plain.set(i, buffer);
  }
  setMap(i: number, value: MapValue): void {
    this.#maps.set(i, value);
  }
  /** Compute a node only when somebody asks for it; `make` then sets its value. */
  defer(i: number, make: () => void): void {
    this.#deferred.set(i, make);
  }
  #settle(i: number): void {
    if (this.#plain.has(i) || this.#maps.has(i)) return;
    const make = this.#deferred.get(i);
    if (!make) throw new Error(`${this.node(i).operation} (${this.node(i).origin}) was not computed.`);
    this.#deferred.delete(i);
    make();
  }

  /** Memory for a value. */
  buffer = (bytes: number): Memory => ({ bytes: Math.max(4, bytes) });
  floatBuffer = (length: number): Memory => this.buffer(4 * length);
  memory(descriptor: MemoryDescriptor): MapValue {
    return { descriptor, buffer: this.buffer(this.dnnl.bytesOf(descriptor)) };
  }
  /** How a feature map of a shape lies in memory. */
  mapDescriptor(shape: readonly number[]): MemoryDescriptor {
    return this.dnnl.descriptor(shape, this.type, "nhwc");
  }
  /** A plain value as a primitive sees it, under any shape of its size. */
  plainMemory(buffer: Memory, shape: readonly number[]): MapValue {
    return { buffer, descriptor: this.dnnl.plain(shape) };
  }
  /** Numbers that never change, made once. */
  constant(key: string, bytes: number, fill: (memory: ArrayBuffer) => void): Memory {
    const known = this.#constants.get(key);
    if (known) return known;
    const { library } = this.dnnl;
    const address = library.allocate(bytes);
    this.disposables.add(() => library.free(address));
    fill(library.view(address, bytes));
    const buffer = { bytes, fixed: address };
    this.#constants.set(key, buffer);
    return buffer;
  }

  /** The value in plain memory. */
  plain(i: number): Memory {
    this.#settle(i);
    const known = this.#plain.get(i);
    if (known) return known;
    const { shape } = this.node(i);
    const buffer = this.floatBuffer(this.size(i));
    this.reorder("map to plain", this.#maps.get(i)!, this.plainMemory(buffer, shape));
    this.#plain.set(i, buffer);
    return buffer;
  }
  /** The value as a feature map. */
  map(i: number): MapValue {
    this.#settle(i);
    const known = this.#maps.get(i);
    if (known) return known;
    const { shape } = this.node(i);
    const value = this.memory(this.mapDescriptor(shape));
    this.reorder("plain to map", this.plainMemory(this.#plain.get(i)!, shape), value);
    this.#maps.set(i, value);
    return value;
  }
  /**
   * A kernel in the layout that a primitive likes, rounded to its element type; made once for all
   * that like the same.
   * @param shape in which the primitive takes it; of the same size as the node's
   */
  kernel(i: number, descriptor: MemoryDescriptor, shape = this.node(i).shape): MapValue {
    const key = `${i} ${this.dnnl.calls.keyOf(descriptor)}`;
    const known = this.#reordered.get(key);
    if (known) return known;
    const value = this.memory(descriptor);
    this.reorder("kernel", this.plainMemory(this.plain(i), shape), value);
    this.#reordered.set(key, value);
    return value;
  }

  /** Have a primitive done. The first of `results` is what may be made in place. */
  execute(
    label: string,
    plan: Plan,
    operands: readonly Argument[],
    results: readonly Argument[],
    inPlace?: MapValue,
  ): void {
    const scratchpad = plan.scratchpad === undefined ? undefined : this.memory(plan.scratchpad);
    const all: Argument[] = [...operands, ...results];
    if (scratchpad) all.push([ARGUMENT.scratchpad, scratchpad]);
    const { dnnl } = this;
    this.instructions.push({
      label: `${label} ${plan.implementation}`,
      reads: operands.map(([, { buffer }]) => buffer),
      writes: [...results.map(([, { buffer }]) => buffer), ...(scratchpad ? [scratchpad.buffer] : [])],
      inPlace: inPlace?.buffer,
      build: (places, disposables) =>
        dnnl.primitive(
          plan,
          all.map(([number, { descriptor, buffer }]) => [number, descriptor, places.addressOf(buffer)]),
          disposables,
        ),
    });
  }

  /** Copy between layouts and element types. */
  reorder(label: string, from: MapValue, to: MapValue): void {
    const plan = this.dnnl.reorder(this.disposables, from.descriptor, to.descriptor);
    if (!plan) throw new Error(`oneDNN has no fast reorder (${label}).`);
    this.execute(label, plan, [[ARGUMENT.source, from]], [[ARGUMENT.result, to]]);
  }

  /** A loop over plain values. */
  loop(
    label: string,
    operands: readonly (readonly [Memory, number])[],
    [result, length]: readonly [Memory, number],
    make: (out: Float32Array, operands: readonly Float32Array[]) => () => void,
  ): void {
    this.instructions.push({
      label,
      reads: operands.map(([buffer]) => buffer),
      writes: [result],
      build: (places) =>
        make(
          places.floats(result, length),
          operands.map(([buffer, size]) => places.floats(buffer, size)),
        ),
    });
  }

  planMemory = (from: readonly Memory[], to: readonly Memory[]) => planMemory(this.instructions, from, to);
}

/** An operation on the result: algorithm with its two numbers. */
export const unaryPostOp = (algorithm: Algorithm, alpha = 0, beta = 0): PostOp => ({
  kind: "unary",
  algorithm,
  alpha,
  beta,
});
