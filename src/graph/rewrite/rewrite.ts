/**
 * The frame of every rewrite: rebuild a graph from its leaves, giving a rule the chance to replace
 * each node.
 */
import { type Tensor, topologicalOrder, withOriginOf } from "../tensor.ts";

/**
 * What a node should become; `undefined` keeps it. The node given already has its new inputs;
 * `uses` counts, in the graph before the rewrite, the users of the node that an input stands for.
 */
export type Rule = (node: Tensor, uses: (input: Tensor) => number) => Tensor | undefined;

/** Nodes by name. */
export type Outputs = Readonly<Record<string, Tensor>>;

let nextId = -1;

/** The same operation on other inputs (of the same shapes and types: nothing is inferred again). */
export function withInputs(node: Tensor, inputs: readonly Tensor[]): Tensor {
  return inputs.every((t, i) => t === node.inputs[i]) ? node : { ...node, id: nextId--, inputs };
}

/** Rebuild the graph of `outputs` bottom-up; `rule` sees every node once, after its inputs. */
export function rewriteGraph(outputs: Outputs, rule: Rule): Record<string, Tensor> {
  const order = topologicalOrder(Object.values(outputs));
  const useCounts = countUses(order, outputs);
  const done = new Map<Tensor, Tensor>();
  const counts = new Map<Tensor, number>();
  for (const node of order) {
    const rebuilt = withInputs(
      node,
      node.inputs.map((t) => done.get(t)!),
    );
    const result = withOriginOf(node, () => rule(rebuilt, (t) => counts.get(t) ?? 1)) ?? rebuilt;
    done.set(node, result);
    counts.set(result, (counts.get(result) ?? 0) + useCounts.get(node)!);
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, node]) => [name, done.get(node)!]));
}

/**
 * Apply a rule until it finds nothing more to do. A graph in which it finds nothing comes back
 * itself.
 */
export function rewriteFully(outputs: Outputs, rule: Rule): Outputs {
  for (let current = outputs, round = 0; ; round++) {
    let fired = 0;
    const next = rewriteGraph(current, (node, uses) => {
      const result = rule(node, uses);
      if (result && result !== node) fired++;
      return result;
    });
    if (fired === 0) return current;
    current = next;
    if (round === 50) throw new Error("a rewrite rule undoes its own work: no end after 50 rounds");
  }
}

/** Replace nodes (typically inputs) by others of the same shape and type. */
export function substitute(
  outputs: Outputs,
  replacements: ReadonlyMap<Tensor, Tensor>,
): Record<string, Tensor> {
  return rewriteGraph(outputs, (node) => replacements.get(node));
}

function countUses(order: readonly Tensor[], outputs: Outputs): Map<Tensor, number> {
  const counts = new Map<Tensor, number>();
  const use = (node: Tensor): unknown => counts.set(node, (counts.get(node) ?? 0) + 1);
  for (const node of order) for (const input of node.inputs) use(input);
  for (const node of Object.values(outputs)) use(node);
  return counts;
}
