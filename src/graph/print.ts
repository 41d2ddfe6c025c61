/** A readable listing of a graph, one node a line, for people who debug. */
import { formatShape } from "./shape.ts";
import { formatAttributes, originOf, type Tensor, topologicalOrder } from "./tensor.ts";

/**
 * The nodes that `results` need, in the order of evaluation:
 *
 *     %3 = conv2d(%1, %2; strides=[1, 1] …)  float32 [64, 32, 32, 32]  nn/convolution.ts:20
 */
export function print(results: Readonly<Record<string, Tensor>>): string {
  const order = topologicalOrder(Object.values(results));
  const numbers = new Map(order.map((node, i) => [node, i]));
  const lines = order.map((node, i) => {
    const { name, shape: _shape, dtype: _dtype, ...rest } = node.attributes;
    const shown =
      node.inputs.length === 0 ? { ...(name !== undefined && { name }), ...rest } : node.attributes;
    const operands = [node.inputs.map((t) => `%${numbers.get(t)}`).join(", "), formatAttributes(shown)]
      .filter(Boolean)
      .join("; ");
    return `%${i} = ${node.primitive.name}(${operands})  ${node.dtype} ${formatShape(node.shape)}  ${originOf(node)}`;
  });
  const ends = Object.entries(results).map(([name, node]) => `${name} = %${numbers.get(node)}`);
  return [...lines, ...ends].join("\n");
}
