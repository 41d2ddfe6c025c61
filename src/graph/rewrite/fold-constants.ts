/**
 * Whatever follows from constants alone becomes a constant: turned kernels, the scales of a
 * normalization with stored statistics. Models for others need it, as not every importer takes a
 * kernel that is computed. The arithmetic is not written a second time here: an evaluator, in
 * practice the engine, computes the values.
 */
import { constant, isConstant } from "../operations/leaf.ts";
import { type Tensor, topologicalOrder } from "../tensor.ts";
import { type Outputs, withInputs } from "./rewrite.ts";

/** Computes tensors that depend on no input; all are float32. */
export type Evaluator = (tensors: Outputs) => Promise<Readonly<Record<string, Float32Array>>>;

/** Repeating values would only make the model larger. */
const KEPT = new Set(["broadcastTo"]);

/**
 * Replace every float32 node that depends on constants only. A folded constant keeps the name of
 * the single one it came from.
 */
export async function foldConstants(outputs: Outputs, evaluate: Evaluator): Promise<Record<string, Tensor>> {
  const order = topologicalOrder(Object.values(outputs));
  const fixed = new Map<Tensor, ReadonlySet<string>>();
  for (const node of order) {
    const own = node.attributes.name;
    if (isConstant(node)) fixed.set(node, new Set(typeof own === "string" ? [own] : []));
    else if (
      node.inputs.length > 0 &&
      !KEPT.has(node.primitive.name) &&
      node.inputs.every((t) => fixed.has(t))
    )
      fixed.set(node, new Set(node.inputs.flatMap((t) => [...fixed.get(t)!])));
  }
  const needed = new Set([
    ...Object.values(outputs),
    ...order.flatMap((node) => (fixed.has(node) ? [] : node.inputs)),
  ]);
  const folded = [...needed].filter((t) => fixed.has(t) && !isConstant(t) && t.dtype === "float32");
  if (folded.length === 0) return { ...outputs };

  const values = await evaluate(Object.fromEntries(folded.map((t, i) => [`constant${i}`, t])));
  const done = new Map<Tensor, Tensor>();
  for (const [i, t] of folded.entries()) {
    const names = [...fixed.get(t)!];
    done.set(t, constant(values[`constant${i}`]!, t.shape, names.length === 1 ? names[0] : undefined));
  }
  for (const node of order)
    if (!done.has(node))
      done.set(
        node,
        withInputs(
          node,
          node.inputs.map((t) => done.get(t)!),
        ),
      );
  return Object.fromEntries(Object.entries(outputs).map(([name, node]) => [name, done.get(node)!]));
}
