/**
 * oneDNN's objects with lifetimes: descriptors belong to the engine, primitives to `Disposables`
 * that frees them together. Whatever only has a reference implementation is not made at all: those
 * are loops without vectors, hundreds of times slower.
 */
import { stridesOf } from "../../graph/shape.ts";
import { type PlanArguments, requireSuccess } from "./calls.ts";
import type { Library } from "./library.node.ts";
import {
  type Layout,
  type MemoryDescriptor,
  type MemoryType,
  PLAIN_TAGS,
  type PostOp,
  postOpIndex,
  QUERY,
} from "./vocabulary.ts";

/** A primitive that can be made, and what memory it wants. */
export interface Plan {
  readonly handle: number;
  readonly implementation: string;
  /** Threads it was made for. */
  readonly threads: number;
  readonly weights: MemoryDescriptor | undefined;
  readonly weightsGradient: MemoryDescriptor | undefined;
  readonly workspace: MemoryDescriptor | undefined;
  readonly scratchpad: MemoryDescriptor | undefined;
}

/** What is freed together. */
export interface Disposables {
  /** Have `free` called by `dispose`; the last one added is called first. */
  add(free: () => void): void;
  dispose(): void;
}

/** Nothing to be freed yet. */
export function createDisposables(): Disposables {
  const all: (() => void)[] = [];
  return {
    add: (free) => void all.push(free),
    dispose() {
      for (let free = all.pop(); free; free = all.pop()) free();
    },
  };
}

/**
 * Below this a second thread is not worth waiting for: on a busy machine it may be asleep when it
 * is called.
 */
const SMALL_BYTES = 128 * 1024;
/** The same for matrix products, in multiply-adds. */
const SMALL_PRODUCT = 1 << 20;

/** One engine and its stream, without the primitives (plans.node.ts). */
export type DnnlCore = ReturnType<typeof createCore>;

/** Open the engine of the CPU. @param threads that large operations use */
export function createCore(library: Library, threads = 1) {
  const { call, functions } = library;
  const calls = library.openCalls();
  const place = new BigUint64Array(1);
  const made = (key: Parameters<Library["call"]>[0], ...parameters: readonly unknown[]): number => {
    call(key, place, ...parameters);
    return Number(place[0]);
  };
  const engine = made("engine_create", 1, 0);
  const stream = made("stream_create", engine, 1);

  let current = 0;
  /** How many threads the next calls use. */
  function use(count: number): void {
    if (count === current) return;
    library.setThreads(count);
    current = count;
  }
  use(threads);
  /** Make a primitive that passes over memory of this size. */
  function withThreadsFor<T>(of: MemoryDescriptor, make: () => T): T {
    use(calls.bytesOf(of) < SMALL_BYTES ? 1 : threads);
    try {
      return make();
    } finally {
      use(threads);
    }
  }

  /** Attributes: a scratchpad that is given, and operations on the result. */
  function attributes(postOps: readonly PostOp[], disposables: Disposables): number {
    const handle = made("primitive_attr_create");
    disposables.add(() => functions.primitive_attr_destroy(handle));
    call("primitive_attr_set_scratchpad_mode", handle, 1);
    if (postOps.length === 0) return handle;
    const operations = made("post_ops_create");
    disposables.add(() => functions.post_ops_destroy(operations));
    for (const one of postOps)
      requireSuccess(
        one.kind === "binary"
          ? calls.appendBinary(operations, one.algorithm, one.descriptor)
          : calls.appendUnary(operations, one.algorithm, one.alpha, one.beta),
        `post-operation (${one.algorithm})`,
      );
    call("primitive_attr_set_post_ops", handle, operations);
    return handle;
  }

  /** The primitive descriptor that `make` makes; undefined where oneDNN has nothing fast. */
  function createPlan(
    disposables: Disposables,
    make: (to: PlanArguments) => number,
    postOps: readonly PostOp[] = [],
    hint = 0,
  ): Plan | undefined {
    if (make({ into: place, engine, attributes: attributes(postOps, disposables), hint }) !== 0)
      return undefined;
    const handle = Number(place[0]);
    const implementation = library.implementationOf(handle);
    if (implementation.startsWith("ref") || implementation.startsWith("simple:any+ref")) {
      functions.primitive_desc_destroy(handle);
      return undefined;
    }
    disposables.add(() => functions.primitive_desc_destroy(handle));
    const query = (what: number): MemoryDescriptor | undefined => {
      const found = calls.query(handle, what);
      return found !== undefined && calls.bytesOf(found) > 0 ? found : undefined;
    };
    return {
      handle,
      implementation,
      threads: current,
      weights: query(QUERY.weights),
      weightsGradient: query(QUERY.weightsGradient),
      workspace: query(QUERY.workspace),
      scratchpad: query(QUERY.scratchpad),
    };
  }

  return {
    library,
    calls,
    /**
     * Another engine of the same thread may have set its number of threads in between: to be called
     * before a run.
     */
    resetThreads: () => {
      current = 0;
    },
    createPlan,
    withThreadsFor,
    reorder(disposables: Disposables, from: MemoryDescriptor, result: MemoryDescriptor): Plan | undefined {
      return withThreadsFor(from, () => createPlan(disposables, (to) => calls.reorder(to, from, result)));
    },
    descriptor: (shape: readonly number[], type: MemoryType, layout: Layout = "plain"): MemoryDescriptor =>
      calls.descriptor(shape, type, layout),
    /** Of row-major float32 numbers, of any rank. */
    plain: (shape: readonly number[]): MemoryDescriptor =>
      shape.length < PLAIN_TAGS.length
        ? calls.descriptor(shape, "f32", "plain")
        : calls.strided(shape, stridesOf(shape)),
    strided: calls.strided,
    bytesOf: calls.bytesOf,

    /** A primitive ready to run on memory at fixed addresses. */
    primitive(
      plan: Plan,
      given: readonly (readonly [argument: number, descriptor: MemoryDescriptor, address: number])[],
      disposables: Disposables,
    ): () => void {
      const handle = made("primitive_create", plan.handle);
      disposables.add(() => functions.primitive_destroy(handle));
      const list = library.allocate(16 * given.length);
      disposables.add(() => library.free(list));
      const words = new DataView(library.view(list, 16 * given.length));
      for (const [i, [argument, shape, address]] of given.entries()) {
        requireSuccess(calls.memory(place, shape, engine, address), "memory_create");
        const memory = Number(place[0]);
        disposables.add(() => functions.memory_destroy(memory));
        const index = postOpIndex(argument);
        const number = index === undefined ? argument : calls.postOpArgument(index, plan.handle);
        words.setInt32(16 * i, number, true);
        words.setInt32(16 * i + 4, 0, true);
        words.setBigUint64(16 * i + 8, BigInt(memory), true);
      }
      const { primitive_execute: execute } = functions;
      const count = given.length;
      const own = plan.threads;
      return () => {
        use(own);
        const status = execute(handle, stream, count, list) as number;
        if (status !== 0) throw new Error(`oneDNN's ${plan.implementation} failed with status ${status}.`);
      };
    },

    /** C = op(A) · op(B) for row-major float32 matrices. */
    sgemm(
      [transposeA, transposeB]: readonly [boolean, boolean],
      [m, n, k]: readonly [number, number, number],
      [a, lda]: readonly [number, number],
      [b, ldb]: readonly [number, number],
      [c, ldc]: readonly [number, number],
    ): () => void {
      const letter = (transposed: boolean): number => (transposed ? "T" : "N").charCodeAt(0);
      const { sgemm } = functions;
      const own = m * n * k < SMALL_PRODUCT ? 1 : threads;
      return () => {
        use(own);
        const given = [letter(transposeA), letter(transposeB), m, n, k, 1, a, lda, b, ldb, 0, c, ldc];
        if (sgemm(...given) !== 0) throw new Error("oneDNN's sgemm failed.");
      };
    },

    close(): void {
      calls.close();
      functions.stream_destroy(stream);
      functions.engine_destroy(engine);
    },
  };
}
