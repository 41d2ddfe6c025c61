/**
 * Memory that is given back when it is no longer needed, and sessions that are made quickly.
 *
 * When ONNX Runtime plans a session it lets tensors of equal shape share one buffer: what comes
 * later takes the buffer of what is over. The buffer is then held from the first to the last of
 * them. In a training step that is a poor bargain, as the temporaries of the forward pass have the
 * shapes of those of the backward pass: buffers lie idle through everything in between, and a step
 * at 256/128 held 940 MB where 640 were in use. Memory that is freed instead serves tensors of any
 * shape. The plan is also slow to make: for every tensor the list of all that is over and was not
 * taken yet is searched, element by element, and with thousands of nodes that is most of the time
 * in which a session is made.
 *
 * Where no shape is known, nothing is shared and nothing is searched. Shapes come into the graph by
 * its inputs and by the targets of Reshape, and parameters, so nearly everything computed with
 * them, pass a Reshape (the flat vectors of the optimizer do not). So the targets are inputs with
 * defaults, which a caller could give but never does, and declared without a length: ONNX Runtime
 * counts on nothing of them.
 *
 * One use of shapes is kept: an operator that can write over its input does so only if both are
 * known to be of one size. A large result of such an operator is declared together with that input,
 * by a first size with a name that no others have.
 */
import { type Shape, sameShape, sizeOf } from "../shape.ts";
import { BLOCKED_DOMAIN } from "./emitter.ts";
import type { OnnxBinding, OnnxInitializer, OnnxModel, OnnxNode } from "./model.ts";

/** Numbers of a tensor from which it is worth being made in place (2 MiB). */
const LARGE = 2 ** 19;

/**
 * Inputs over which ONNX Runtime's CPU kernels may write their results, by operator (`MayInplace`
 * in its kernel definitions).
 */
const IN_PLACE: Readonly<Record<string, readonly number[]>> = {
  Add: [0, 1],
  Sub: [0, 1],
  Mul: [0, 1],
  Div: [0, 1],
  Neg: [0],
  Sqrt: [0],
  Exp: [0],
  Log: [0],
  Relu: [0],
  LeakyRelu: [0],
  Sigmoid: [0],
  Tanh: [0],
  HardSigmoid: [0],
  Softplus: [0],
};
/** Of a blocked convolution it is the sum that is added to its result. */
const placesOf = ({ type, domain }: OnnxNode): readonly number[] =>
  domain === BLOCKED_DOMAIN ? (type === "Conv" ? [3] : []) : (IN_PLACE[type] ?? []);

/**
 * The model with shapes that ONNX Runtime cannot plan with.
 * @param shapes of float32 values by name, as far as they are known
 * @param prefix of the inputs' names, for models that are joined
 */
export function withOwnMemory(
  model: OnnxModel,
  shapes: ReadonlyMap<string, Shape>,
  prefix: string,
): OnnxModel {
  return { ...model, ...withHiddenTargets(model, prefix), values: inPlace(model, shapes) };
}

/** Constant targets of Reshape as inputs with defaults. */
function withHiddenTargets(
  { nodes, initializers }: OnnxModel,
  prefix: string,
): Pick<OnnxModel, "nodes" | "initializers" | "defaults"> {
  const constants = new Map(initializers.map((tensor) => [tensor.name, tensor]));
  const targets = new Map<string, OnnxInitializer>();
  const rewired = nodes.map((node): OnnxNode => {
    const [value = "", target = ""] = node.inputs;
    const constant = node.type === "Reshape" ? constants.get(target) : undefined;
    // A scalar is planned without a search.
    if (!constant || constant.data.length === 0) return node;
    const name = `${prefix}/sizes:${constant.data.join("×")}`;
    targets.set(name, { ...constant, name });
    return { ...node, inputs: [value, name] };
  });
  const used = new Set(rewired.flatMap((node) => node.inputs));
  return {
    nodes: rewired,
    initializers: initializers.filter(({ name }) => used.has(name)),
    defaults: [...targets.values()],
  };
}

/** Declarations of large values that are made in place, and of what they are made in. */
function inPlace({ nodes, outputs }: OnnxModel, shapes: ReadonlyMap<string, Shape>): OnnxBinding[] {
  const published = new Set(outputs.map(({ name }) => name));
  const made = new Set(nodes.flatMap((node) => node.outputs).filter((name) => !published.has(name)));
  const uses = new Map<string, number>();
  for (const name of nodes.flatMap((node) => node.inputs)) uses.set(name, (uses.get(name) ?? 0) + 1);
  /** The first size of values by name. */
  const sizes = new Map<string, string>();
  for (const node of nodes) {
    const [output = ""] = node.outputs;
    const shape = shapes.get(output);
    if (!shape || !made.has(output) || sizeOf(shape) < LARGE) continue;
    const hasShape = (input: string): boolean => {
      const known = shapes.get(input);
      return known !== undefined && sameShape(known, shape);
    };
    const place = placesOf(node)
      .map((index) => node.inputs[index] ?? "")
      .find((input) => made.has(input) && uses.get(input) === 1 && hasShape(input));
    if (place === undefined) continue;
    const size = sizes.get(place) ?? `${place}[0]`;
    sizes.set(place, size).set(output, size);
  }
  return [...sizes].map(([name, size]) => ({
    name,
    dtype: "float32",
    shape: [size, ...shapes.get(name)!.slice(1)],
  }));
}
