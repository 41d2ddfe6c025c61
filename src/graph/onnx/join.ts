/**
 * Several models in one. ONNX Runtime gives every session memory of its own, which it keeps; models
 * that never run at the same time waste it. In one model each is the branch of an `If`, and a run
 * says which one is executed: they share the memory, and the threads.
 *
 * State of the same name is one input. A branch sees it by name, as ONNX subgraphs see everything
 * around them, so that its graph can be taken over as it is, serialized, but for the declarations
 * of its inputs. Feeds may have one name and several shapes (a batch of another size), so every
 * program has its own; a branch begins by giving them their names, which copies them, but they are
 * small.
 */
import { zerosOf } from "../dtype.ts";
import type { Binding, ProgramBorders } from "../program.ts";
import { domainsOf } from "./domains.ts";
import {
  nodeMessage,
  type OnnxBinding,
  type OnnxInitializer,
  type OnnxNode,
  writeGraph,
  writeModel,
} from "./model.ts";
import type { OnnxProgram } from "./program.ts";
import { type Field, MessageWriter, readFields, readText } from "./protobuf.ts";

/** Name of the bool input that has a program executed. */
export const switchOf = (program: Pick<ProgramBorders, "name">): string => `run:${program.name}`;
/** Name that a feed or an output of a program has in the joint model. */
export const jointName = (program: Pick<ProgramBorders, "name">, name: string): string =>
  `${program.name}:${name}`;

/** Inputs of a program's model, by the names they have there. */
export const inputsOf = ({ feeds, reads }: ProgramBorders): Binding[] => [
  ...named("feed:", feeds),
  ...named("state:", reads),
];
/** The same in a joint model. */
export const jointInputsOf = (program: ProgramBorders): Binding[] => [
  ...named(jointName(program, "feed:"), program.feeds),
  ...named("state:", program.reads),
];
/** Outputs of a program's model, by the names they have there. */
export const outputsOf = ({ results, writes }: ProgramBorders): Binding[] => [
  ...named("result:", results),
  ...named("write:", writes),
];
const named = (prefix: string, list: readonly Binding[]): Binding[] =>
  list.map((binding) => ({ ...binding, name: prefix + binding.name }));

/**
 * Whether programs can be one model: names that differ, and state of the same name that agrees. (A
 * model of one program needs no switch.)
 */
export function canJoin(programs: readonly ProgramBorders[]): boolean {
  const seen = new Map<string, string>();
  const agrees = ({ name, dtype, shape }: Binding): boolean => {
    const type = `${dtype} ${shape.join()}`;
    const known = seen.get(name) ?? type;
    seen.set(name, known);
    return known === type;
  };
  const names = new Set(programs.map((program) => program.name));
  return (
    programs.length > 1 && names.size === programs.length && programs.flatMap(jointInputsOf).every(agrees)
  );
}

/**
 * The joint model. Every input must be given on every run. Outputs of a program that was not
 * executed are empty, or 0 for scalars.
 * @throws Error for programs that cannot be joined (`canJoin`), or a model without a graph
 */
export function joinModels(programs: readonly OnnxProgram[]): Uint8Array {
  if (!canJoin(programs)) throw new Error("These programs cannot be one model.");
  const models = programs.map((program) => readFields(program.model));
  const inputs = new Map(programs.flatMap(jointInputsOf).map((binding) => [binding.name, binding]));
  // Inputs with defaults are inputs of the whole: what is inside a branch would be a constant.
  const defaults = models.flatMap((fields) => defaultsOf(graphOf(fields)));
  const domains = new Map(models.flatMap((fields) => [...domainsOf(fields)]));
  return writeModel({
    name: programs.map((program) => program.name).join("+"),
    nodes: programs.map((program, i): OnnxNode => {
      const outputs = outputsOf(program);
      const graph = graphOf(models[i]!);
      return {
        type: "If",
        domain: "",
        name: `${program.name}/If`,
        inputs: [switchOf(program)],
        outputs: outputs.map(({ name }) => jointName(program, name)),
        attributes: {
          then_branch: { graph: asBranch(program, graph) },
          else_branch: { graph: nothing(outputs) },
        },
      };
    }),
    initializers: [],
    defaults,
    inputs: [
      ...inputs.values(),
      ...programs.map((p) => ({ name: switchOf(p), dtype: "bool" as const, shape: [] })),
    ],
    outputs: programs.flatMap((program) =>
      outputsOf(program).map(
        ({ name, dtype, shape }): OnnxBinding => ({
          name: jointName(program, name),
          dtype,
          // Empty where the program was not executed, so a size of either.
          shape: shape.map((_, axis) => `${jointName(program, name)}[${axis}]`),
        }),
      ),
    ),
    domains: Object.fromEntries([...domains].filter(([domain]) => domain !== "")),
  });
}

// Field numbers of ModelProto and GraphProto.
const GRAPH = 7;
const GRAPH_NODES = 1;
const GRAPH_INITIALIZERS = 5;
const GRAPH_INPUTS = 11;

function graphOf(model: readonly Field[]): readonly Field[] {
  const graph = model.find(({ field }) => field === GRAPH);
  if (!graph) throw new Error("A model without a graph cannot be a branch.");
  return readFields(graph.content);
}

/** The name of a TensorProto. */
const tensorName = ({ content }: Field): string => readText(content, 8);

/** Names of all inputs (ValueInfoProto: name 1). */
const inputNames = (graph: readonly Field[]): Set<string> =>
  new Set(graph.filter(({ field }) => field === GRAPH_INPUTS).map(({ content }) => readText(content, 1)));

/** Inputs with defaults: int64 vectors (TensorProto: raw_data 9). */
function defaultsOf(graph: readonly Field[]): OnnxInitializer[] {
  const names = inputNames(graph);
  return graph
    .filter((one) => one.field === GRAPH_INITIALIZERS && names.has(tensorName(one)))
    .map((one) => {
      const raw = readFields(one.content).find(({ field }) => field === 9)!.content;
      const data = new BigInt64Array(raw.slice().buffer);
      return { name: tensorName(one), dtype: "int64", shape: [data.length], data };
    });
}

/** The graph as it is, but for its inputs, which are found outside, the feeds under other names. */
function asBranch(program: ProgramBorders, graph: readonly Field[]): Uint8Array {
  const result = new MessageWriter();
  const names = inputNames(graph);
  const outside = (one: Field): boolean =>
    one.field === GRAPH_INPUTS || (one.field === GRAPH_INITIALIZERS && names.has(tensorName(one)));
  for (const { name } of named("feed:", program.feeds))
    result.message(GRAPH_NODES, nodeMessage(identity(jointName(program, name), name)));
  for (const one of graph) if (!outside(one)) result.encoded(one.bytes);
  return result.finish();
}

const identity = (from: string, to: string): OnnxNode => ({
  type: "Identity",
  domain: "",
  name: `${to}/Identity`,
  inputs: [from],
  outputs: [to],
  attributes: {},
});

/** A graph of outputs without elements (scalars are 0), under names that meet no other. */
function nothing(outputs: readonly Binding[]): Uint8Array {
  const empty = outputs.map(({ name, dtype, shape }) => ({
    name: `none:${name}`,
    dtype,
    shape: shape.map(() => 0),
  }));
  return writeGraph({
    name: "nothing",
    nodes: empty.map(({ name }) => identity(`${name}/constant`, name)),
    initializers: empty.map(({ name, dtype, shape }) => ({
      name: `${name}/constant`,
      dtype,
      shape,
      data: zerosOf(dtype, shape.length === 0 ? 1 : 0),
    })),
    inputs: [],
    outputs: empty,
  });
}
