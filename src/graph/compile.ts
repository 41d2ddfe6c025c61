/** From symbolic tensors to a program: rewrite, lower, serialise. */
import { Emitter, type Provider } from "./onnx/emitter.ts";
import { writeModel } from "./onnx/model.ts";
import { isInput } from "./operations/leaf.ts";
import type { Binding, Program } from "./program.ts";
import { blockLayout } from "./rewrite/block-layout.ts";
import { mergeCommonSubexpressions } from "./rewrite/common-subexpressions.ts";
import { foldResampling } from "./rewrite/fold-resampling.ts";
import { type Outputs, rewriteFully } from "./rewrite/rewrite.ts";
import { simplify } from "./rewrite/simplify.ts";
import { originOf, type Tensor, topologicalOrder } from "./tensor.ts";

/** What a graph takes and gives, by name. Feeds and reads are `input` nodes. */
export interface GraphDefinition {
  readonly name: string;
  readonly feeds?: Readonly<Record<string, Tensor>>;
  readonly reads?: Readonly<Record<string, Tensor>>;
  readonly results?: Readonly<Record<string, Tensor>>;
  readonly writes?: Readonly<Record<string, Tensor>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What to compile for. */
export interface Target {
  readonly provider: Provider;
  /** Channels in a block of ONNX Runtime's blocked layout on this machine; 0: not to be used. */
  readonly block: number;
  /** Rewrites to switch off (tests do). */
  readonly rewrites?: Partial<Rewrites>;
}

/** Plain ONNX, for exports and for providers of which nothing is known. */
export const STANDARD_TARGET: Target = { provider: "standard", block: 0 };

/** Every rewrite can be switched off by name, so that a test can prove that it changes nothing. */
export interface Rewrites {
  readonly merge: boolean;
  readonly simplify: boolean;
  readonly fold: boolean;
  readonly block: boolean;
}
const ALL: Rewrites = { merge: true, simplify: true, fold: true, block: true };

/**
 * Compile a graph.
 * @throws Error when a result depends on an input that is bound to nothing
 */
export function compile(graph: GraphDefinition, target: Target): Program {
  const { feeds = {}, reads = {}, results = {}, writes = {} } = graph;
  const outputs = { ...prefixed("result", results), ...prefixed("write", writes) };
  const improved = optimise(outputs, target);

  const emit = new Emitter(target.provider);
  const names = new Map<Tensor, string>();
  for (const [name, tensor] of Object.entries({ ...prefixed("feed", feeds), ...prefixed("state", reads) }))
    names.set(tensor, name);
  for (const node of topologicalOrder(Object.values(improved))) {
    if (names.has(node)) continue;
    if (isInput(node))
      throw new Error(
        `${graph.name}: input "${String(node.attributes.name)}" (${originOf(node)}) is bound to nothing`,
      );
    emit.label = `${originOf(node)}/${node.primitive.name}`;
    names.set(
      node,
      node.primitive.lower(
        emit,
        node,
        node.inputs.map((t) => names.get(t)!),
      ),
    );
  }
  emit.publish(Object.entries(improved).map(([name, node]) => [names.get(node)!, name] as const));

  const inputs = [...bindings(feeds, "feed:"), ...bindings(reads, "state:")];
  const model = writeModel({
    name: graph.name,
    nodes: emit.nodes,
    initialisers: emit.initialisers,
    inputs,
    outputs: bindings(improved, ""),
    domains: emit.domains,
    ...(graph.metadata && { metadata: graph.metadata }),
  });
  return {
    name: graph.name,
    model,
    feeds: bindings(feeds, ""),
    results: bindings(results, ""),
    reads: bindings(reads, ""),
    writes: bindings(writes, ""),
  };
}

/** The rewrites, in the order in which they help each other. */
export function optimise(outputs: Outputs, target: Target): Record<string, Tensor> {
  const rewrites = { ...ALL, ...target.rewrites };
  let graph: Record<string, Tensor> = { ...outputs };
  if (rewrites.merge) graph = mergeCommonSubexpressions(graph);
  for (let round = 0; round < 3; round++) {
    if (rewrites.simplify) graph = rewriteFully(graph, simplify);
    if (rewrites.fold) graph = rewriteFully(graph, foldResampling);
    if (rewrites.merge) graph = mergeCommonSubexpressions(graph);
  }
  if (rewrites.block && target.block > 0) {
    graph = blockLayout(graph, target.block);
    if (rewrites.simplify) graph = rewriteFully(graph, simplify);
  }
  if (rewrites.merge) graph = mergeCommonSubexpressions(graph);
  return graph;
}

const prefixed = (prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}:${name}`, tensor]));

const bindings = (tensors: Readonly<Record<string, Tensor>>, prefix: string): Binding[] =>
  Object.entries(tensors).map(([name, { dtype, shape }]) => ({ name: prefix + name, dtype, shape }));
