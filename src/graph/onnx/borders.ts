/**
 * What an ONNX file says of itself without being run: inputs, outputs and metadata. Enough to tell
 * a file that fits from one that does not before a runtime is loaded for it, and to explain the
 * difference. Field numbers come from onnx.proto (ONNX project).
 */
import { UserError } from "../../base/errors.ts";
import { type Field, readFields, readText } from "./protobuf.ts";

/** An input or output as a file declares it. */
export interface DeclaredBinding {
  readonly name: string;
  /** For example `float32`; `type 13` for one that has no name here. */
  readonly dtype: string;
  /** A number, or the name of an axis that is left open (empty when it has none). */
  readonly shape: readonly (number | string)[];
}

/** The outside of a model. */
export interface ModelBorders {
  /** Without those that only name a weight. */
  readonly inputs: readonly DeclaredBinding[];
  readonly outputs: readonly DeclaredBinding[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** TensorProto.DataType. */
const DTYPES: Readonly<Record<number, string>> = {
  1: "float32",
  2: "uint8",
  6: "int32",
  7: "int64",
  9: "bool",
  10: "float16",
  11: "float64",
};

const contents = (fields: readonly Field[], field: number): Uint8Array[] =>
  fields.filter((one) => one.field === field).map(({ content }) => content);

/**
 * Read the borders of an ONNX file.
 * @param where the file's name, for messages
 * @throws UserError when the bytes are no ONNX model, or end too early
 */
export function readBorders(file: Uint8Array, where: string): ModelBorders {
  if (file.length === 0) throw new UserError(`${where} is empty.`, ADVICE);
  let fields: Field[];
  let graph: Field[] | undefined;
  try {
    fields = readFields(file);
    const message = contents(fields, 7)[0];
    graph = message && readFields(message);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // An ONNX file begins with its version (field 1, a small varint): such a file was one once.
    const begins = file[0] === 8 && (file[1] ?? 0) < 32;
    throw new UserError(
      begins ? `${where} is cut off: it ends in the middle of the model.` : `${where} is not an ONNX file.`,
      begins ? "Download or copy it again." : ADVICE,
      { cause: error },
    );
  }
  if (!graph || !fields.some(({ field, value }) => field === 1 && value > 0n))
    throw new UserError(`${where} is not an ONNX file.`, ADVICE);
  const weights = new Set(contents(graph, 5).map((tensor) => readText(tensor, 8)));
  return {
    inputs: contents(graph, 11)
      .map(binding)
      .filter(({ name }) => !weights.has(name)),
    outputs: contents(graph, 12).map(binding),
    metadata: Object.fromEntries(contents(fields, 14).map((pair) => [readText(pair, 1), readText(pair, 2)])),
  };
}

const ADVICE = "Take a generator.onnx as quarterturn export RUN writes it.";

/**
 * ValueInfoProto: name 1, type 2 → tensor_type 1 → elem_type 1, shape 2 → dim 1 → dim_value 1 |
 * dim_param 2.
 */
function binding(message: Uint8Array): DeclaredBinding {
  const inner = (bytes: Uint8Array, field: number): Uint8Array =>
    contents(readFields(bytes), field)[0] ?? new Uint8Array(0);
  const tensor = inner(inner(message, 2), 1);
  const type = Number(readFields(tensor).find(({ field }) => field === 1)?.value ?? 0n);
  const shape = contents(readFields(inner(tensor, 2)), 1).map((dim) => {
    const size = readFields(dim).find(({ field }) => field === 1);
    return size ? Number(size.value) : readText(dim, 2);
  });
  return { name: readText(message, 1), dtype: DTYPES[type] ?? `type ${type}`, shape };
}

/** `z float32 [batch, 128]` */
export const describeBorder = ({ name, dtype, shape }: DeclaredBinding): string =>
  `${name} ${dtype} [${shape.map((size) => size || "?").join(", ")}]`;
