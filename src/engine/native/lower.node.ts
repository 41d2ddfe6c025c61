/** From a program's graph to instructions over memory, and from those to something that runs. */
import type { Program } from "../../graph/program.ts";
import { sizeOf } from "../../graph/shape.ts";
import { Context, type Instruction, type Places } from "./context.node.ts";
import { createDisposables } from "./dnnl.node.ts";
import { CONVOLUTIONS } from "./lowerings/convolution.node.ts";
import { MAPS } from "./lowerings/maps.node.ts";
import { MATRICES } from "./lowerings/matrices.node.ts";
import { NORMS } from "./lowerings/norm.node.ts";
import { asLoop, isOwn, PLAIN } from "./lowerings/plain.node.ts";
import { RESAMPLING } from "./lowerings/resample.node.ts";
import { type Memory, type MemoryPlan, rootOf } from "./memory.ts";
import type { Dnnl } from "./plans.node.ts";
import type { MemoryType } from "./vocabulary.ts";

/** Where state lies, by name. */
export interface StatePlaces {
  /** The entry's memory, made if it is not there yet. */
  memoryOf(name: string, length: number): Memory;
}

/** A program with its memory planned, but not given. */
export interface Lowered {
  readonly program: Program;
  readonly memoryPlan: MemoryPlan;
  readonly instructions: readonly Instruction[];
  readonly feeds: Readonly<Record<string, Memory>>;
  readonly results: Readonly<Record<string, Memory>>;
  /** Free what belongs to the program. */
  release(): void;
}

/**
 * Lower a program.
 * @param type element type of feature maps and of rounded kernels
 * @throws Error for an operation that there is no fast primitive and no loop for
 */
export function lowerProgram(dnnl: Dnnl, program: Program, type: MemoryType, state: StatePlaces): Lowered {
  if (program.code.format !== "graph")
    throw new Error(`Program "${program.name}" is an ONNX model, which the native engine cannot read.`);
  const { graph } = program.code;
  const c = new Context(dnnl, graph, type);
  try {
    const feeds: Record<string, Memory> = {};
    for (const { name, node } of graph.inputs) {
      const [kind, own] = split(name);
      const memory = kind === "state" ? state.memoryOf(own, c.size(node)) : c.floatBuffer(c.size(node));
      if (kind === "feed") feeds[own] = memory;
      c.setPlain(node, memory);
    }
    for (let i = 0; i < graph.nodes.length; i++) if (!c.isDone(i)) lowerNode(c, i);
    const results: Record<string, Memory> = {};
    const writes: (readonly [name: string, node: number, value: Memory])[] = [];
    for (const { name, node } of graph.outputs) {
      const [kind, own] = split(name);
      const value = c.plain(node);
      if (kind === "result") results[own] = value;
      else writes.push([own, node, value]);
    }
    for (const [name, node, value] of writes)
      writeState(c, state.memoryOf(name, c.size(node)), value, c.size(node), Object.values(results));
    return {
      program,
      instructions: c.instructions,
      memoryPlan: c.planMemory(Object.values(feeds), Object.values(results)),
      feeds,
      results,
      release: () => c.disposables.dispose(),
    };
  } catch (error) {
    c.disposables.dispose();
    throw error;
  }
}

const split = (name: string): [kind: string, own: string] => {
  const at = name.indexOf(":");
  return [name.slice(0, at), name.slice(at + 1)];
};

function lowerNode(c: Context, i: number): void {
  const { operation } = c.node(i);
  // Values fused into an earlier primitive are there already; those in between have no value of their own.
  if (isInside(c, i)) return;
  const tried = [
    CONVOLUTIONS[operation],
    NORMS[operation],
    MAPS[operation],
    RESAMPLING[operation],
    MATRICES[operation],
    PLAIN[operation],
  ];
  for (const lowering of tried) if (lowering?.(c, i)) return;
  asLoop(c, i);
}

/** Whether a node's only user is there already: then it was computed on the way to it. */
function isInside(c: Context, i: number): boolean {
  const user = c.onlyUser(i);
  return user !== undefined && c.hasValue(user);
}

/**
 * Have the new value of a state entry made in the place of the old one, or copied there in the end.
 */
function writeState(
  c: Context,
  place: Memory,
  value: Memory,
  length: number,
  results: readonly Memory[],
): void {
  if (rootOf(value).root === place) return;
  const { instructions } = c;
  const first = instructions.findIndex(({ writes }) => writes.some((one) => rootOf(one).root === value));
  const reads = (one: Instruction): boolean => one.reads.some((memory) => rootOf(memory).root === place);
  const maker = instructions[first];
  const free =
    isOwn(value) &&
    maker !== undefined &&
    value.bytes === place.bytes &&
    !results.some((one) => rootOf(one).root === value) &&
    !instructions.slice(first + 1).some(reads) &&
    (!reads(maker) || maker.inPlace === place);
  if (free) value.within = { buffer: place, offset: 0 };
  else
    c.loop(
      "state",
      [[value, length]],
      [place, length],
      (out, [x]) =>
        () =>
          out.set(x!),
    );
}

/** A program that can run. */
export interface ExecutableProgram {
  /** Run all instructions in order. */
  run(): void;
  /** The same, telling `note` what each instruction is and how long it took, in milliseconds. */
  profile(note: (label: string, milliseconds: number) => void): void;
  readonly feeds: Readonly<Record<string, Float32Array>>;
  readonly results: Readonly<Record<string, Float32Array>>;
  release(): void;
}

/** Give a lowered program its memory. @param region address of at least `memoryPlan.bytes` bytes */
export function instantiate(dnnl: Dnnl, lowered: Lowered, region: number): ExecutableProgram {
  const { library } = dnnl;
  const disposables = createDisposables();
  const view = library.view(region, Math.max(64, lowered.memoryPlan.bytes));
  const places: Places = {
    addressOf: (memory) => lowered.memoryPlan.addressOf(memory, region),
    floats(memory, length) {
      const { root, offset } = rootOf(memory);
      if (root.fixed !== undefined)
        return new Float32Array(library.view(root.fixed, root.bytes), offset, length);
      return new Float32Array(view, lowered.memoryPlan.addressOf(memory, 0), length);
    },
  };
  const steps = lowered.instructions.map(({ label, build }) => ({ label, run: build(places, disposables) }));
  const sizes = new Map(
    [...lowered.program.feeds, ...lowered.program.results].map(({ name, shape }) => [name, sizeOf(shape)]),
  );
  const arrays = (memories: Readonly<Record<string, Memory>>): Record<string, Float32Array> =>
    Object.fromEntries(
      Object.entries(memories).map(([name, memory]) => [name, places.floats(memory, sizes.get(name)!)]),
    );
  return {
    run() {
      dnnl.resetThreads();
      for (const { run } of steps) run();
    },
    profile(note) {
      dnnl.resetThreads();
      for (const { label, run } of steps) {
        const begun = performance.now();
        run();
        note(label, performance.now() - begun);
      }
    },
    feeds: arrays(lowered.feeds),
    results: arrays(lowered.results),
    release() {
      disposables.dispose();
      lowered.release();
    },
  };
}
