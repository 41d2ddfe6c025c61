/**
 * Memory that is given back when it is no longer needed.
 *
 * When ONNX Runtime plans a session it lets tensors of equal shape share one buffer: what comes later takes the buffer of what is over. The
 * buffer is then held from the first to the last of them. In a training step that is a poor bargain, as the temporaries of the forward pass
 * have the shapes of those of the backward pass: buffers lie idle through everything in between, and a step at 256/128 held 940 MB where
 * 640 were in use. Memory that is freed instead serves tensors of any shape.
 *
 * The plan compares shapes as far as they are known beforehand, and a size that has a name equals one of the same name only. So each large
 * reshape gets a first size with a name of its own, which what follows from it inherits. What is derived from one reshape may still share
 * (an operator that can work in place does so), the rest cannot. The sizes themselves are not known to the planner any more: they are values
 * of an input with a default, which a caller could give, but never does.
 */
import type { DType } from "../program.ts";
import type { OnnxBinding, OnnxInitialiser, OnnxModel, OnnxNode } from "./model.ts";

/** Numbers of a tensor from which it is worth it (2 MiB): small ones had better stay in the cache. */
const LARGE = 2 ** 19;

/** Operators whose result has the type of their first input. */
const PASSING = new Set(["Reshape", "Transpose", "Slice", "Concat", "Gather", "Identity", "Expand", "Pad"]);
/** Operators that make float32 of float32, of those that make maps. */
const FLOAT = new Set([
  "Conv",
  "ReorderInput",
  "ReorderOutput",
  "MatMul",
  "FusedMatMul",
  "Add",
  "Sub",
  "Mul",
  "Max",
]);

/** The model with named sizes for its large reshapes. @param prefix of the inputs, for models that are joined */
export function withOwnMemory(model: OnnxModel, prefix: string): OnnxModel {
  const constants = new Map(model.initialisers.map((tensor) => [tensor.name, tensor]));
  const makers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const inputs = new Map(model.inputs.map(({ name, dtype }) => [name, dtype]));
  const outputs = new Set(model.outputs.map(({ name }) => name));
  const typeOf = (value: string): DType | "float64" | undefined => {
    const known = inputs.get(value) ?? constants.get(value)?.dtype;
    const maker = makers.get(value);
    if (known || !maker) return known;
    if (PASSING.has(maker.type)) return typeOf(maker.inputs[0]!);
    return FLOAT.has(maker.type) ? "float32" : undefined;
  };

  const defaults = new Map<string, OnnxInitialiser>();
  const values: OnnxBinding[] = [];
  const nodes = model.nodes.map((node): OnnxNode => {
    const [value = "", target = ""] = node.inputs;
    const [output = ""] = node.outputs;
    const sizes = node.type === "Reshape" ? constants.get(target) : undefined;
    if (!sizes || outputs.has(output)) return node;
    const shape = Array.from(sizes.data, Number);
    // A size that follows from the others is left alone.
    if (shape.some((size) => size <= 0) || shape.reduce((a, b) => a * b, 1) < LARGE) return node;
    if (typeOf(value) !== "float32") return node;
    const name = `${prefix}/sizes:${shape.join("×")}`;
    defaults.set(name, { ...sizes, name });
    values.push({ name: output, dtype: "float32", shape: [`${output}[0]`, ...shape.slice(1)] });
    return { ...node, inputs: [value, name] };
  });
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const initialisers = model.initialisers.filter(({ name }) => used.has(name));
  return { ...model, nodes, initialisers, defaults: [...defaults.values()], values };
}
