/**
 * A minimal protobuf encoder for ONNX models, so that the engine's tests need no graph writer: just
 * enough of onnx.proto for small models over float32. Field numbers are those of onnx.proto (IR
 * version 8).
 */
import type { Binding, DType, Program, ProgramBorders } from "../../graph/program.ts";

export type Attribute = number | string | readonly number[];

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integers become INT/INTS, strings STRING. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

const ELEMENT_TYPE: Record<DType, number> = { float32: 1, uint8: 2, int64: 7, bool: 9 };
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTS = 7;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return bytes;
}

/** An integer field (wire type 0). */
const integer = (field: number, value: number): number[] => [...varint(field << 3), ...varint(value)];

/** A length-delimited field (wire type 2): a string or an embedded message. */
function bytes(field: number, value: string | readonly number[]): number[] {
  const content = typeof value === "string" ? [...new TextEncoder().encode(value)] : value;
  return [...varint((field << 3) | 2), ...varint(content.length), ...content];
}

function attribute(name: string, value: Attribute): number[] {
  const head = bytes(1, name);
  if (typeof value === "number") return [...head, ...integer(3, value), ...integer(20, ATTRIBUTE_INT)];
  if (typeof value === "string") return [...head, ...bytes(4, value), ...integer(20, ATTRIBUTE_STRING)];
  return [...head, ...value.flatMap((v) => integer(8, v)), ...integer(20, ATTRIBUTE_INTS)];
}

function node(spec: NodeSpec, index: number): number[] {
  return [
    ...spec.inputs.flatMap((name) => bytes(1, name)),
    ...spec.outputs.flatMap((name) => bytes(2, name)),
    ...bytes(3, `${spec.op}_${index}`),
    ...bytes(4, spec.op),
    ...Object.entries(spec.attributes ?? {}).flatMap(([name, value]) => bytes(5, attribute(name, value))),
  ];
}

function valueInfo(prefix: string, binding: Binding): number[] {
  const dims = binding.shape.flatMap((size) => bytes(1, integer(1, size)));
  const tensor = [...integer(1, ELEMENT_TYPE[binding.dtype]), ...bytes(2, dims)];
  return [...bytes(1, prefix + binding.name), ...bytes(2, bytes(1, tensor))];
}

/**
 * A serialized ONNX model (opset 17) with inputs `feed:*`, `state:*` and outputs `result:*`,
 * `write:*`.
 */
export function encodeModel(nodes: readonly NodeSpec[], io: Omit<ProgramBorders, "name">): Uint8Array {
  const graph = [
    ...nodes.flatMap((spec, index) => bytes(1, node(spec, index))),
    ...bytes(2, "test"),
    ...io.feeds.flatMap((b) => bytes(11, valueInfo("feed:", b))),
    ...io.reads.flatMap((b) => bytes(11, valueInfo("state:", b))),
    ...io.results.flatMap((b) => bytes(12, valueInfo("result:", b))),
    ...io.writes.flatMap((b) => bytes(12, valueInfo("write:", b))),
  ];
  return Uint8Array.from([
    ...integer(1, 8),
    ...bytes(7, graph),
    ...bytes(8, [...bytes(1, ""), ...integer(2, 17)]),
  ]);
}

/** A float32 binding. */
export const float = (name: string, ...shape: number[]): Binding => ({ name, dtype: "float32", shape });

/** A whole program from its nodes. */
export function program(
  name: string,
  nodes: readonly NodeSpec[],
  io: Partial<Omit<ProgramBorders, "name">>,
): Program {
  const full = { feeds: [], results: [], reads: [], writes: [], ...io };
  return { name, code: { format: "onnx", model: encodeModel(nodes, full), overwrites: [] }, ...full };
}
