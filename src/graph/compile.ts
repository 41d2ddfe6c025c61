/** From symbolic tensors to a program: rewrite, and write down as data. */
import { bindings, toData } from "./data.ts";
import type { Program, Provider } from "./program.ts";
import { blockLayout } from "./rewrite/blocked/layout.ts";
import { winograd } from "./rewrite/blocked/winograd.ts";
import { mergeCommonSubexpressions } from "./rewrite/common-subexpressions.ts";
import { foldResampling } from "./rewrite/fold-resampling.ts";
import { type Outputs, type Rule, rewriteFully, rewriteGraph } from "./rewrite/rewrite.ts";
import { simplify } from "./rewrite/simplify.ts";
import { chooseByGates } from "./rewrite/webgpu/gates.ts";
import { expandNorms } from "./rewrite/webgpu/norms.ts";
import type { Tensor } from "./tensor.ts";

/** What a graph takes and gives, by name. Feeds and reads are `input` nodes. */
export interface GraphDefinition {
  readonly name: string;
  readonly feeds?: Readonly<Record<string, Tensor>>;
  readonly reads?: Readonly<Record<string, Tensor>>;
  readonly results?: Readonly<Record<string, Tensor>>;
  readonly writes?: Readonly<Record<string, Tensor>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Whether this is a training step; an engine may have another target for those. */
  readonly trains?: boolean;
}

/** What to compile for. */
export interface Target {
  readonly provider: Provider;
  /** Channels in a block of ONNX Runtime's blocked layout on this machine; 0: not to be used. */
  readonly block: number;
  /** What training steps are compiled for, where that is something else. */
  readonly training?: Target;
  /** Rewrites to switch off (tests do). */
  readonly rewrites?: Partial<Rewrites>;
  /**
   * Told of every graph on its way through `compile`: for listings, timings and counts of
   * arithmetic.
   */
  readonly inspect?: (stage: CompileStage, graph: GraphDefinition, outputs: Outputs) => void;
}

/** As traced and differentiated; after the rewrites. */
export type CompileStage = "traced" | "optimized";

/** Plain ONNX, for exports and for providers of which nothing is known. */
export const STANDARD_TARGET: Target = { provider: "standard", block: 0 };

/** ONNX Runtime's WebGPU provider, in Node and in browsers. */
export const WEBGPU_TARGET: Target = { provider: "webgpu", block: 0 };

/** The native engine (engine/native), which interprets graphs in the plain layout. */
export const NATIVE_TARGET: Target = { provider: "native", block: 0 };

/** Every rewrite can be switched off by name, so that a test can prove that it changes nothing. */
export interface Rewrites {
  readonly merge: boolean;
  readonly simplify: boolean;
  readonly fold: boolean;
  readonly block: boolean;
  /** Part of `block`: weight gradients as direct convolutions. */
  readonly directWeights: boolean;
  /** Part of `block`: wide 3 × 3 convolutions by Winograd's minimal filtering. */
  readonly winograd: boolean;
  /** For WebGPU: gradients of ReLUs as choices. */
  readonly gates: boolean;
}
const ALL: Rewrites = {
  merge: true,
  simplify: true,
  fold: true,
  block: true,
  directWeights: true,
  winograd: true,
  gates: true,
};

/**
 * Compile a graph.
 * @throws Error when a result depends on an input that is bound to nothing
 */
export function compile(graph: GraphDefinition, given: Target): Program {
  const target: Target =
    graph.trains && given.training
      ? { ...given.training, ...(given.inspect && { inspect: given.inspect }) }
      : given;
  const { feeds = {}, reads = {}, results = {}, writes = {} } = graph;
  const outputs = { ...prefixed("result", results), ...prefixed("write", writes) };
  target.inspect?.("traced", graph, outputs);
  const improved = optimize(outputs, target);
  target.inspect?.("optimized", graph, improved);

  const inputs = { ...prefixed("feed", feeds), ...prefixed("state", reads) };
  return {
    name: graph.name,
    code: {
      format: "graph",
      provider: target.provider,
      graph: toData(graph.name, { inputs, outputs: improved }),
      ...(graph.metadata && { metadata: graph.metadata }),
    },
    feeds: bindings(feeds),
    results: bindings(results),
    reads: bindings(reads),
    writes: bindings(writes),
  };
}

/** Rules of a provider alone: before all other rewrites, and after them. */
const RULES: Readonly<Record<Provider, { readonly first?: Rule; readonly last?: Rule }>> = {
  cpu: {},
  standard: {},
  native: {},
  webgpu: { first: expandNorms, last: chooseByGates },
};

/** The rewrites, in the order in which they help each other. */
export function optimize(outputs: Outputs, target: Target): Outputs {
  const rewrites = { ...ALL, ...target.rewrites };
  const { first, last } = RULES[target.provider];
  let graph = first ? rewriteGraph(outputs, first) : outputs;
  if (rewrites.merge) graph = mergeCommonSubexpressions(graph);
  for (let round = 0; round < 3; round++) {
    const before = graph;
    if (rewrites.simplify) graph = rewriteFully(graph, simplify);
    if (rewrites.fold) graph = rewriteFully(graph, foldResampling);
    if (graph === before) break;
    if (rewrites.merge) graph = mergeCommonSubexpressions(graph);
  }
  if (rewrites.block && target.block > 0) {
    graph = blockLayout(graph, target.block, rewrites);
    if (rewrites.simplify) graph = rewriteFully(graph, simplify);
    if (rewrites.winograd) graph = rewriteGraph(graph, winograd(target.block));
  }
  if (rewrites.gates && last) graph = rewriteGraph(graph, last);
  if (rewrites.merge) graph = mergeCommonSubexpressions(graph);
  return graph;
}

const prefixed = (prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}:${name}`, tensor]));
