/**
 * ONNX models as plain data, and their serialization. Only what the lowerings use of onnx.proto (IR
 * version 8, default operator set 17): nodes, dense initializers, typed inputs and outputs.
 */
import { DTYPES, type DType } from "../dtype.ts";
import { MessageWriter } from "./protobuf.ts";

/**
 * Attribute values an operator may have: integers, floats, strings, lists of integers and of
 * floats, serialized graphs (GraphProto).
 */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly graph: Uint8Array };

export interface OnnxNode {
  readonly type: string;
  readonly domain: string;
  /** For profiles and error messages. */
  readonly name: string;
  /** An empty name leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxInitializer {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array | Uint8Array;
}

/**
 * A tensor at the border of a model. A word in a shape is a size known only when the model runs. No
 * primitive makes float64.
 */
export interface OnnxBinding {
  readonly name: string;
  readonly dtype: DType | "float64";
  readonly shape: readonly (number | string)[];
}

/** A tensor of which not even the number of axes may be known. */
type Declaration = Pick<OnnxBinding, "name" | "dtype"> & { readonly shape?: OnnxBinding["shape"] };

/** A graph and its borders. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxBinding[];
  readonly outputs: readonly OnnxBinding[];
  /**
   * Inputs that need not be given. They are declared without their shapes, and ONNX Runtime counts
   * on nothing when it plans.
   */
  readonly defaults?: readonly OnnxInitializer[] | undefined;
  /** What is known of values between the nodes. */
  readonly values?: readonly OnnxBinding[] | undefined;
}

export interface OnnxModel extends OnnxGraph {
  /** Key/value pairs readers show (`metadata_props`). */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Extra operator domains and their versions, beside the default one. */
  readonly domains: Readonly<Record<string, number>>;
}

const IR_VERSION = 8;
const OPSET = 17;
/** Number of an element type (TensorProto.DataType). */
const dataType = (dtype: OnnxBinding["dtype"]): number => (dtype === "float64" ? 11 : DTYPES[dtype].onnx);

/** Serialize a graph alone, as it is embedded in an attribute. */
export const writeGraph = (graph: OnnxGraph): Uint8Array => graphMessage(graph).finish();

function graphMessage(model: OnnxGraph): MessageWriter {
  const graph = new MessageWriter();
  for (const node of model.nodes) graph.message(1, nodeMessage(node));
  graph.string(2, model.name);
  const { defaults = [], values = [] } = model;
  for (const tensor of [...model.initializers, ...defaults]) graph.message(5, tensorMessage(tensor));
  for (const binding of model.inputs) graph.message(11, valueInfo(binding));
  for (const { name, dtype } of defaults) graph.message(11, valueInfo({ name, dtype }));
  for (const binding of model.outputs) graph.message(12, valueInfo(binding));
  for (const binding of values) graph.message(13, valueInfo(binding));
  return graph;
}

/** Serialize a model. */
export function writeModel(model: OnnxModel): Uint8Array {
  const message = new MessageWriter().integer(1, IR_VERSION).string(2, "quarterturn");
  message.message(8, new MessageWriter().string(1, "").integer(2, OPSET));
  for (const [domain, version] of Object.entries(model.domains))
    message.message(8, new MessageWriter().string(1, domain).integer(2, version));
  message.message(7, graphMessage(model));
  for (const [key, value] of Object.entries(model.metadata ?? {}))
    message.message(14, new MessageWriter().string(1, key).string(2, value));
  return message.finish();
}

/** A node (NodeProto). */
export function nodeMessage(node: OnnxNode): MessageWriter {
  const message = new MessageWriter();
  for (const input of node.inputs) message.string(1, input);
  for (const output of node.outputs) message.string(2, output);
  message.string(3, node.name).string(4, node.type);
  for (const [name, value] of Object.entries(node.attributes))
    message.message(5, attributeMessage(name, value));
  if (node.domain) message.string(7, node.domain);
  return message;
}

/** AttributeProto: the type numbers are FLOAT 1, INT 2, STRING 3, GRAPH 5, FLOATS 6, INTS 7. */
function attributeMessage(name: string, value: OnnxAttribute): MessageWriter {
  const message = new MessageWriter().string(1, name);
  if ("float" in value) return message.float(2, value.float).integer(20, 1);
  if ("int" in value) return message.integer(3, value.int).integer(20, 2);
  if ("string" in value) return message.string(4, value.string).integer(20, 3);
  if ("graph" in value) return message.bytes(6, value.graph).integer(20, 5);
  if ("floats" in value) {
    for (const item of value.floats) message.float(7, item);
    return message.integer(20, 6);
  }
  for (const item of value.ints) message.integer(8, item);
  return message.integer(20, 7);
}

function tensorMessage(tensor: OnnxInitializer): MessageWriter {
  const message = new MessageWriter();
  for (const n of tensor.shape) message.integer(1, n);
  const { buffer, byteOffset, byteLength } = tensor.data;
  return message
    .integer(2, dataType(tensor.dtype))
    .string(8, tensor.name)
    .bytes(9, new Uint8Array(buffer, byteOffset, byteLength));
}

function valueInfo({ name, dtype, shape }: Declaration): MessageWriter {
  const tensorType = new MessageWriter().integer(1, dataType(dtype));
  if (shape) tensorType.message(2, shapeMessage(shape));
  return new MessageWriter().string(1, name).message(2, new MessageWriter().message(1, tensorType));
}

/** TensorShapeProto. */
function shapeMessage(shape: OnnxBinding["shape"]): MessageWriter {
  const message = new MessageWriter();
  for (const n of shape) {
    const dimension = new MessageWriter();
    message.message(1, typeof n === "string" ? dimension.string(2, n) : dimension.integer(1, n));
  }
  return message;
}
