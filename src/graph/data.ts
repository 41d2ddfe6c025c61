/**
 * A graph as plain data: what a backend gets. It can be sent to another thread, compared and
 * written down, which symbolic tensors cannot, as their primitives are functions. A backend knows
 * operations by name.
 */
import type { Shape } from "./shape.ts";
import { type Attributes, type DType, originOf, type Tensor, topologicalOrder } from "./tensor.ts";

/** One named tensor at the border of a program. */
export interface Binding {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** One operation of a graph as plain data. */
export interface GraphNode {
  /** Name of the primitive. */
  readonly operation: string;
  /** Places of the operands in `GraphData.nodes`; each lies before the node itself. */
  readonly inputs: readonly number[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The source line that built it, for messages and profiles. */
  readonly origin: string;
}

/** A value of the graph by the name it has at the border. */
export interface GraphPort {
  /** `feed:NAME`, `state:NAME`, `result:NAME` or `write:NAME` in programs. */
  readonly name: string;
  /** Place in `GraphData.nodes`. */
  readonly node: number;
}

/** A whole graph: nodes in the order of evaluation, inputs first. */
export interface GraphData {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
}

/** Tensors by the names they have at the border of a graph. */
export interface Borders {
  /** `input` nodes. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** Name, element type and shape of tensors, their names prefixed. */
export const bindings = (tensors: Readonly<Record<string, Tensor>>, prefix = ""): Binding[] =>
  Object.entries(tensors).map(([name, { dtype, shape }]) => ({ name: prefix + name, dtype, shape }));

/**
 * Write a graph down as data. Constants are shared with the tensors, not copied.
 * @param name of the graph, for messages
 * @throws Error when an output depends on an input that is bound to nothing
 */
export function toData(name: string, { inputs, outputs }: Borders): GraphData {
  const places = new Map<Tensor, number>();
  const nodes: GraphNode[] = [];
  const put = (tensor: Tensor): void => {
    if (places.has(tensor)) return;
    places.set(tensor, nodes.length);
    nodes.push({
      operation: tensor.primitive.name,
      inputs: tensor.inputs.map((input) => places.get(input)!),
      attributes: tensor.attributes,
      shape: tensor.shape,
      dtype: tensor.dtype,
      origin: originOf(tensor),
    });
  };
  for (const tensor of Object.values(inputs)) put(tensor);
  for (const tensor of topologicalOrder(Object.values(outputs))) {
    if (tensor.primitive.name === "input" && !places.has(tensor))
      throw new Error(
        `${name}: input "${String(tensor.attributes.name)}" (${originOf(tensor)}) is bound to nothing`,
      );
    put(tensor);
  }
  const ports = (tensors: Readonly<Record<string, Tensor>>): GraphPort[] =>
    Object.entries(tensors).map(([key, tensor]) => ({ name: key, node: places.get(tensor)! }));
  return { nodes, inputs: ports(inputs), outputs: ports(outputs) };
}
