/** Leaves of the graph: values from outside (feeds, state, parameters) and constants. */
import type { DType } from "../program.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { type ConstantData, definePrimitive, makeNode, type Tensor } from "../tensor.ts";

const inputPrimitive = definePrimitive({
  name: "input",
  infer: (_, attributes) => ({ shape: attributes.shape as Shape, dtype: attributes.dtype as DType }),
  lower: (_, node) => {
    throw new Error(`input "${String(node.attributes.name)}" is bound neither to a feed nor to state`);
  },
});

const constantPrimitive = definePrimitive({
  name: "constant",
  infer: (_, attributes, fail) => {
    const shape = attributes.shape as Shape;
    const data = attributes.data as ConstantData;
    if (data.length !== sizeOf(shape)) fail(`${data.length} values do not fill the shape`);
    return { shape, dtype: attributes.dtype as DType };
  },
  lower: (emit, node) =>
    emit.constant(
      node.dtype,
      node.shape,
      node.attributes.data as ConstantData,
      node.attributes.name as string | undefined,
    ),
});

/**
 * A value that comes from outside when the graph runs. Names are for listings; the binding is made
 * by `compile`.
 */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Tensor {
  return makeNode(inputPrimitive, [], { name, shape, dtype });
}

/** A float32 constant; a single number makes a scalar. `name` is for readers of the model. */
export function constant(
  values: number | readonly number[] | Float32Array,
  shape?: Shape,
  name?: string,
): Tensor {
  const data = typeof values === "number" ? Float32Array.of(values) : Float32Array.from(values);
  return makeNode(constantPrimitive, [], {
    shape: shape ?? (typeof values === "number" ? [] : [data.length]),
    dtype: "float32",
    data,
    ...(name !== undefined && { name }),
  });
}

/** An int64 constant (indices, labels). */
export function integers(values: readonly number[], shape: Shape = [values.length]): Tensor {
  return makeNode(constantPrimitive, [], { shape, dtype: "int64", data: BigInt64Array.from(values, BigInt) });
}

/** Whether a node is an input. */
export function isInput(tensor: Tensor): boolean {
  return tensor.primitive === inputPrimitive;
}

/** Whether a node is a constant. */
export function isConstant(tensor: Tensor): boolean {
  return tensor.primitive === constantPrimitive;
}

/** The value of a constant whose elements are all equal, or `undefined`. */
export function constantValue(tensor: Tensor): number | undefined {
  if (tensor.primitive !== constantPrimitive || tensor.dtype !== "float32") return undefined;
  const data = tensor.attributes.data as Float32Array;
  return data.every((v) => v === data[0]) ? data[0] : undefined;
}
