/**
 * ONNX files that are feature networks by their borders, images [N, 3, S, S] → features [N, 3], and
 * do something else inside.
 */
import { MessageWriter } from "../../graph/onnx/protobuf.ts";

const FLOAT = 1;
const INT64 = 7;
const BOOL = 9;
const TENSOR_ATTRIBUTE = 4;
const GRAPH_ATTRIBUTE = 5;

interface NodeOf {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly MessageWriter[];
}

function node({ op, inputs, outputs, attributes = [] }: NodeOf): MessageWriter {
  const writer = new MessageWriter();
  for (const name of inputs) writer.string(1, name);
  for (const name of outputs) writer.string(2, name);
  writer.string(4, op);
  for (const attribute of attributes) writer.message(5, attribute);
  return writer;
}

/** A tensor of raw little-endian data. */
function tensor(name: string, type: number, shape: readonly number[], raw: Uint8Array): MessageWriter {
  const writer = new MessageWriter();
  for (const size of shape) writer.integer(1, size);
  return writer.integer(2, type).string(8, name).bytes(9, raw);
}

function border(name: string, type: number, shape: readonly (number | string)[]): MessageWriter {
  const dims = new MessageWriter();
  for (const size of shape) {
    const dim = new MessageWriter();
    dims.message(1, typeof size === "number" ? dim.integer(1, size) : dim.string(2, size));
  }
  const typed = new MessageWriter().integer(1, type).message(2, dims);
  return new MessageWriter().string(1, name).message(2, new MessageWriter().message(1, typed));
}

interface GraphOf {
  readonly nodes: readonly MessageWriter[];
  readonly initializers?: readonly MessageWriter[];
  readonly inputs: readonly MessageWriter[];
  readonly outputs: readonly MessageWriter[];
}

function graph({ nodes, initializers = [], inputs, outputs }: GraphOf): MessageWriter {
  const writer = new MessageWriter();
  for (const each of nodes) writer.message(1, each);
  writer.string(2, "hostile");
  for (const each of initializers) writer.message(5, each);
  for (const each of inputs) writer.message(11, each);
  for (const each of outputs) writer.message(12, each);
  return writer;
}

/**
 * A model whose features are `last`, made by `nodes` from the means of the channels, `means` [N,
 * 3].
 */
function model(
  nodes: readonly MessageWriter[],
  initializers: readonly MessageWriter[],
  last: string,
): Uint8Array {
  const pooled = [
    node({ op: "GlobalAveragePool", inputs: ["images"], outputs: ["pooled"] }),
    node({ op: "Flatten", inputs: ["pooled"], outputs: ["means"] }),
  ];
  const end = node({ op: "Identity", inputs: [last], outputs: ["features"] });
  return new MessageWriter()
    .integer(1, 8)
    .message(
      7,
      graph({
        nodes: [...pooled, ...nodes, end],
        initializers,
        inputs: [border("images", FLOAT, ["N", 3, "S", "S"])],
        outputs: [border("features", FLOAT, ["N", 3])],
      }),
    )
    .message(8, new MessageWriter().string(1, "").integer(2, 17))
    .finish();
}

const int64 = (value: number): Uint8Array => new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);

/** A network that does what it should: the means of the channels. */
export const harmlessModel = (): Uint8Array => model([], [], "means");

/** A loop whose condition stays true. */
export function endlessModel(): Uint8Array {
  const body = graph({
    nodes: [
      node({ op: "Identity", inputs: ["again"], outputs: ["still"] }),
      node({ op: "Identity", inputs: ["carried"], outputs: ["kept"] }),
    ],
    inputs: [border("turn", INT64, []), border("again", BOOL, []), border("carried", FLOAT, ["N", 3])],
    outputs: [border("still", BOOL, []), border("kept", FLOAT, ["N", 3])],
  });
  const attribute = new MessageWriter().string(1, "body").message(6, body).integer(20, GRAPH_ATTRIBUTE);
  return model(
    [node({ op: "Loop", inputs: ["", "yes", "means"], outputs: ["looped"], attributes: [attribute] })],
    [tensor("yes", BOOL, [], Uint8Array.of(1))],
    "looped",
  );
}

/** A constant of `count` numbers, which is summed up and added to the features. */
export function largeModel(count: number): Uint8Array {
  const value = tensor("value", FLOAT, [1], new Uint8Array(Float32Array.of(1).buffer));
  const attribute = new MessageWriter().string(1, "value").message(5, value).integer(20, TENSOR_ATTRIBUTE);
  return model(
    [
      node({ op: "Shape", inputs: ["means"], outputs: ["rows"] }),
      node({ op: "ReduceProd", inputs: ["rows"], outputs: ["numbers"] }),
      node({ op: "Mul", inputs: ["numbers", "factor"], outputs: ["length"] }),
      node({ op: "Reshape", inputs: ["length", "list"], outputs: ["shape"] }),
      node({ op: "ConstantOfShape", inputs: ["shape"], outputs: ["ones"], attributes: [attribute] }),
      node({ op: "ReduceSum", inputs: ["ones"], outputs: ["total"] }),
      node({ op: "Reshape", inputs: ["total", "list"], outputs: ["sum"] }),
      node({ op: "Add", inputs: ["means", "sum"], outputs: ["added"] }),
    ],
    [tensor("factor", INT64, [1], int64(Math.ceil(count / 3))), tensor("list", INT64, [1], int64(1))],
    "added",
  );
}
