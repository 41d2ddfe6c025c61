/**
 * From a graph as data to an ONNX model as data: every node is lowered once, in the order of
 * evaluation.
 */
import { type Borders, type GraphData, toData } from "./data.ts";
import { Emitter } from "./onnx/emitter.ts";
import type { OnnxModel } from "./onnx/model.ts";
import type { Binding, Provider } from "./program.ts";
import type { Shape } from "./shape.ts";
import { primitiveOf, type Tensor } from "./tensor.ts";

/** A lowered graph, and what the planner of memory may be told of it. */
export interface LoweredModel extends OnnxModel {
  /**
   * Shapes of the graph's float32 values by name; values that only a lowering uses are not among
   * them.
   */
  readonly shapes: ReadonlyMap<string, Shape>;
}

/**
 * Lower a graph as it is, without rewrites.
 * @throws Error when an output depends on an input that is bound to nothing
 */
export const lowerGraph = (name: string, borders: Borders, provider: Provider): LoweredModel =>
  lowerData(name, toData(name, borders), provider);

/** Lower a graph that is data. */
export function lowerData(name: string, graph: GraphData, provider: Provider): LoweredModel {
  const emit = new Emitter(provider);
  const tensors: Tensor[] = [];
  const names: string[] = [];
  for (const { name: own, node } of graph.inputs) names[node] = own;
  for (const [i, { operation, inputs, origin, ...node }] of graph.nodes.entries()) {
    const operands = inputs.map((place) => tensors[place]!);
    const tensor: Tensor = {
      ...node,
      id: i,
      primitive: primitiveOf(operation),
      inputs: operands,
      trace: undefined,
    };
    tensors[i] = tensor;
    if (names[i] !== undefined) continue;
    emit.label = `${origin}/${operation}`;
    names[i] = tensor.primitive.lower(
      emit,
      tensor,
      inputs.map((place) => names[place]!),
    );
  }
  const shapes = new Map(
    graph.nodes.flatMap(({ dtype, shape }, i) => (dtype === "float32" ? [[names[i]!, shape] as const] : [])),
  );
  emit.publish(graph.outputs.map(({ name: own, node }) => [names[node]!, own] as const));
  const border = (ports: GraphData["inputs"]): Binding[] =>
    ports.map(({ name: own, node }) => ({
      name: own,
      dtype: graph.nodes[node]!.dtype,
      shape: graph.nodes[node]!.shape,
    }));
  return {
    name,
    nodes: emit.nodes,
    initializers: emit.initializers,
    inputs: border(graph.inputs),
    outputs: border(graph.outputs),
    domains: emit.domains,
    shapes,
  };
}
