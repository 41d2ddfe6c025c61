/**
 * The gradient of a ReLU, dy · (y > 0), as a choice: a comparison gives bytes instead of numbers,
 * and no pass makes numbers of them.
 */
import { greater, where } from "../../operations/index.ts";
import { sameShape } from "../../shape.ts";
import type { Rule } from "../rewrite.ts";

/** Puts a choice in the place of a product with `positive`. */
export const chooseByGates: Rule = (node) => {
  if (node.primitive.name !== "mul") return undefined;
  const at = node.inputs.findIndex(({ primitive }) => primitive.name === "positive");
  if (at < 0) return undefined;
  const [gate, value] = [node.inputs[at]!, node.inputs[1 - at]!];
  const chosen = where(greater(gate.inputs[0]!, 0), value, 0);
  return sameShape(chosen.shape, node.shape) ? chosen : undefined;
};
