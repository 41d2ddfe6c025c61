/**
 * Which new values of a state may be written over the old ones while the model runs. A run that
 * leaves its state in new memory needs room for both at once: with Adam that is three more vectors
 * as long as all parameters, kept from the beginning of the run to its end.
 *
 * The node that makes the new value writes over the old one when it is executed. That is right if
 * nobody wants the old value any more, and all that is known of the order is that a node comes
 * after those whose values it takes, directly or not: so every reader of the old value must be one
 * of them. The node itself may read it if it makes each element from the one at the same place.
 */
import type { Binding } from "../program.ts";
import type { OnnxNode } from "./model.ts";

/**
 * Operators that ONNX Runtime executes without copying: who reads the result reads the input's
 * memory.
 */
const VIEWS = new Set(["Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten"]);
/** Operators that make each element from those at the same place. */
const ELEMENTWISE = new Set(["Add", "Sub", "Mul", "Div"]);

/**
 * Names of state among `writes` whose new value may be written over the old one, if both are the
 * same memory.
 * @param nodes of a model whose inputs and outputs are named as in `Program`
 */
export function overwritable(
  nodes: readonly OnnxNode[],
  reads: readonly Binding[],
  writes: readonly Binding[],
): string[] {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const takers = new Map<string, OnnxNode[]>();
  for (const node of nodes)
    for (const input of new Set(node.inputs)) takers.set(input, [...(takers.get(input) ?? []), node]);

  /** Nodes that read the memory of `value`, and whether each reads it as it lies there. */
  const readersOf = (value: string): OnnxNode[] =>
    (takers.get(value) ?? []).flatMap((node) => [
      node,
      ...(VIEWS.has(node.type) ? node.outputs.flatMap(readersOf) : []),
    ]);
  const ancestorsOf = (node: OnnxNode): Set<OnnxNode> => {
    const found = new Set<OnnxNode>();
    const waiting = [node];
    for (let next = waiting.pop(); next; next = waiting.pop())
      for (const input of next.inputs) {
        const maker = makers.get(input);
        if (maker && !found.has(maker)) {
          found.add(maker);
          waiting.push(maker);
        }
      }
    return found;
  };

  return writes
    .filter(({ name, shape }) => {
      const maker = makers.get(`write:${name}`);
      if (!maker) return false;
      const old = reads.find((read) => read.name === name);
      if (!old) return true;
      const sameShape = old.shape.join() === shape.join();
      if (!sameShape) return false;
      const ancestors = ancestorsOf(maker);
      const state = `state:${name}`;
      return readersOf(state).every(
        (reader) => ancestors.has(reader) || (reader === maker && ELEMENTWISE.has(maker.type)),
      );
    })
    .map(({ name }) => name);
}
