/** Nodes with the same operation, attributes and inputs are one node. */
import type { ConstantData, Tensor } from "../tensor.ts";
import { type Outputs, rewriteGraph } from "./rewrite.ts";

/** Merge equal nodes. Inputs are never merged: two of them are two values, whatever their names. */
export function mergeCommonSubexpressions(outputs: Outputs): Record<string, Tensor> {
  const known = new Map<string, Tensor>();
  return rewriteGraph(outputs, (node) => {
    if (node.primitive.name === "input") return undefined;
    const attributes = Object.entries(node.attributes).map(([name, value]) =>
      ArrayBuffer.isView(value)
        ? `${name}:${value.length <= 64 ? written(value) : `#${node.id}`}`
        : `${name}:${JSON.stringify(value)}`,
    );
    const key = `${node.primitive.name}|${attributes.join()}|${node.inputs.map((t) => t.id).join()}`;
    const same = known.get(key);
    if (!same) known.set(key, node);
    return same;
  });
}

/** Values as text; 0 and −0 are not the same, their reciprocals differ. */
const written = (values: ConstantData): string =>
  [...values].map((v) => (Object.is(v, -0) ? "-0" : v)).join();
