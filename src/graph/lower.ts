/** From tensors to an ONNX model as plain data: every node is lowered once, in the order of evaluation. */
import { Emitter, type Provider } from "./onnx/emitter.ts";
import type { OnnxModel } from "./onnx/model.ts";
import { isInput } from "./operations/leaf.ts";
import type { Binding } from "./program.ts";
import type { Shape } from "./shape.ts";
import { originOf, type Tensor, topologicalOrder } from "./tensor.ts";

/** Tensors by the names they have in the model. */
export interface Borders {
  /** `input` nodes. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** Name, element type and shape of tensors, their names prefixed. */
export const bindings = (tensors: Readonly<Record<string, Tensor>>, prefix = ""): Binding[] =>
  Object.entries(tensors).map(([name, { dtype, shape }]) => ({ name: prefix + name, dtype, shape }));

/** A lowered graph, and what the planner of memory may be told of it. */
export interface LoweredModel extends OnnxModel {
  /** Shapes of the graph's float32 values by name; values that only a lowering uses are not among them. */
  readonly shapes: ReadonlyMap<string, Shape>;
}

/**
 * Lower a graph as it is, without rewrites.
 * @throws Error when an output depends on an input that is bound to nothing
 */
export function lowerGraph(name: string, { inputs, outputs }: Borders, provider: Provider): LoweredModel {
  const emit = new Emitter(provider);
  const names = new Map<Tensor, string>(Object.entries(inputs).map(([key, tensor]) => [tensor, key]));
  for (const node of topologicalOrder(Object.values(outputs))) {
    if (names.has(node)) continue;
    if (isInput(node))
      throw new Error(
        `${name}: input "${String(node.attributes.name)}" (${originOf(node)}) is bound to nothing`,
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
  const shapes = new Map(
    [...names].flatMap(([{ dtype, shape }, value]) => (dtype === "float32" ? [[value, shape] as const] : [])),
  );
  emit.publish(Object.entries(outputs).map(([key, node]) => [names.get(node)!, key] as const));
  return {
    name,
    nodes: emit.nodes,
    initialisers: emit.initialisers,
    inputs: bindings(inputs),
    outputs: bindings(outputs),
    domains: emit.domains,
    shapes,
  };
}
