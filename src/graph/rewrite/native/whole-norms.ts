/**
 * Finds batch normalization in a traced graph, which has it in elementary operations, and puts the
 * primitive there: for engines that have one. To be applied before a step is differentiated, as the
 * gradient of the primitive is another one. The pattern is that of `nn/batch-norm.ts`:
 *
 *     mean = Σ x / n    variance = Σ (x − mean)² / n    scale = gamma / √(variance + ε)    y = x · scale + (beta − mean · scale)
 */
import {
  add,
  batchMean,
  batchVariance,
  constant,
  constantValue,
  mul,
  reshape,
  wholeBatchNorm,
} from "../../operations/index.ts";
import { sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { type Outputs, type Rule, rewriteGraph } from "../rewrite.ts";

/** The graph with every batch normalization as one primitive. */
export const keepNormsWhole = (outputs: Outputs): Record<string, Tensor> => rewriteGraph(outputs, rule);

const is = (node: Tensor | undefined, name: string): node is Tensor => node?.primitive.name === name;
const unshaped = (node: Tensor): Tensor => (is(node, "reshape") ? unshaped(node.inputs[0]!) : node);

const rule: Rule = (node) => statistic(node) ?? norm(node);

/** What is summed over N, H and W and divided by their number. */
function averaged(node: Tensor): Tensor | undefined {
  if (!is(node, "mul") || !is(node.inputs[0], "sum")) return undefined;
  const [total, factor] = node.inputs as [Tensor, Tensor];
  const x = total.inputs[0]!;
  const axes = (total.attributes.axes as readonly number[]).join();
  if (x.shape.length !== 4 || axes !== "0,2,3" || node.shape.length !== 1) return undefined;
  const n = sizeOf(x.shape) / x.shape[1]!;
  return Math.abs((constantValue(factor) ?? 0) * n - 1) < 1e-6 ? x : undefined;
}

function statistic(node: Tensor): Tensor | undefined {
  const x = averaged(node);
  if (!x) return undefined;
  if (!is(x, "mul")) return batchMean(x);
  const [a, b] = x.inputs as [Tensor, Tensor];
  if (a !== b || !is(a, "sub")) return undefined;
  const [own, mean] = [a.inputs[0]!, unshaped(a.inputs[1]!)];
  return is(mean, "batchMean") && mean.inputs[0] === own ? batchVariance(own) : undefined;
}

function norm(node: Tensor): Tensor | undefined {
  if (!is(node, "add") || !is(node.inputs[0], "mul") || node.shape.length !== 4) return undefined;
  const [x, scaleOnMap] = node.inputs[0].inputs as [Tensor, Tensor];
  const scale = unshaped(scaleOnMap);
  const offset = unshaped(node.inputs[1]!);
  if (!is(scale, "div") || !is(scale.inputs[1], "sqrt") || !is(offset, "sub")) return undefined;
  const gamma = scale.inputs[0]!;
  const shifted = scale.inputs[1].inputs[0]!;
  if (!is(shifted, "add") || !is(shifted.inputs[0], "batchVariance")) return undefined;
  const epsilon = constantValue(shifted.inputs[1]!);
  const [beta, product] = offset.inputs as [Tensor, Tensor];
  if (epsilon === undefined || shifted.inputs[0].inputs[0] !== x || !is(product, "mul")) return undefined;
  const [mean, same] = product.inputs as [Tensor, Tensor];
  if (!is(mean, "batchMean") || mean.inputs[0] !== x || same !== scale) return undefined;
  if (gamma.shape.length === 1) return wholeBatchNorm(x, gamma, beta, epsilon);
  // A gamma and a beta for each image: the normalization itself is plain.
  const channels = x.shape[1]!;
  const plain = wholeBatchNorm(x, vector(channels, 1), vector(channels, 0), epsilon);
  const onMap = (v: Tensor): Tensor => reshape(v, [...v.shape, 1, 1]);
  return add(mul(plain, onMap(gamma)), onMap(beta));
}

const vector = (length: number, value: number): Tensor => constant(new Float32Array(length).fill(value));
