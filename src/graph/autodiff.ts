/**
 * Reverse-mode differentiation of a graph. The rules stand with the primitives and are written in
 * primitives, so the result is again a graph that can be differentiated.
 */
import { add, full } from "./operations/index.ts";
import { formatShape, sameShape } from "./shape.ts";
import { originOf, type Tensor, topologicalOrder, withOriginOf } from "./tensor.ts";

/**
 * Gradients of a scalar (or of ⟨result, seed⟩) by each of `variables`; zeros where the result does
 * not depend on one.
 * @param seed the gradient to start from; may be left out for a result of shape []
 * @throws Error when the seed is missing or has another shape than the result, and when a
 *   primitive's rule returns a gradient of the wrong shape (a bug in the rule)
 */
export function gradients(result: Tensor, variables: readonly Tensor[], seed?: Tensor): Tensor[] {
  if (!seed && result.shape.length > 0)
    throw new Error(
      `gradients: a result of shape ${formatShape(result.shape)} needs a seed; only scalars start from 1`,
    );
  if (seed && !sameShape(seed.shape, result.shape))
    throw new Error(
      `gradients: a seed of shape ${formatShape(seed.shape)} for a result of ${formatShape(result.shape)}`,
    );
  const order = topologicalOrder([result]);

  // Only nodes on a path from a variable to the result can carry a gradient that is asked for.
  const depends = new Set<Tensor>(variables);
  for (const node of order) {
    if (node.primitive.gradient && node.inputs.some((t) => depends.has(t))) depends.add(node);
  }

  const totals = new Map<Tensor, Tensor>([[result, seed ?? full([], 1)]]);
  for (const node of order.reverse()) {
    const dy = totals.get(node);
    if (!dy || !depends.has(node) || !node.primitive.gradient) continue;
    withOriginOf(node, () => {
      for (const [i, partial] of node.primitive.gradient!(node, dy).entries()) {
        const input = node.inputs[i]!;
        if (!partial || !depends.has(input)) continue;
        if (!sameShape(partial.shape, input.shape))
          throw new Error(
            `${node.primitive.name}: gradient of input ${i} is ${formatShape(partial.shape)}, not ${formatShape(input.shape)} (${originOf(node)})`,
          );
        const before = totals.get(input);
        totals.set(input, before ? add(before, partial) : partial);
      }
    });
  }
  return variables.map((v) => totals.get(v) ?? full(v.shape, 0));
}
