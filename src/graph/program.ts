/**
 * A compiled graph as the engine sees it: plain data, so it can be sent to a worker, cached, or
 * written to disk, and the names that go in and out.
 */
import type { Binding, GraphData } from "./data.ts";
import type { Provider } from "./provider.ts";

export type { Binding } from "./data.ts";
export type { DType } from "./dtype.ts";
export type { Provider } from "./provider.ts";

/**
 * Name and borders of a program. `feeds` must be given on every run, `results` come back from every
 * run; `reads` are taken from the engine's state store and `writes` put there, by name, without
 * leaving the engine. A name may be in both: the program then reads the old value and writes the
 * new one.
 */
export interface ProgramBorders {
  readonly name: string;
  readonly feeds: readonly Binding[];
  readonly results: readonly Binding[];
  readonly reads: readonly Binding[];
  readonly writes: readonly Binding[];
}

/**
 * A graph for any backend. Its inputs are named `feed:NAME` and `state:NAME`, its outputs
 * `result:NAME` and `write:NAME`.
 */
export interface GraphCode {
  readonly format: "graph";
  readonly provider: Provider;
  readonly graph: GraphData;
  /** Key/value pairs that readers of a model show. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** An ONNX model with inputs and outputs of the same names. */
export interface OnnxCode {
  readonly format: "onnx";
  readonly model: Uint8Array;
  /**
   * Names among `writes` whose new value may be made in the memory of the old one
   * (onnx/in-place.ts).
   */
  readonly overwrites: readonly string[];
}

/** What `compile` makes of a graph; backends serialize it (onnx/program.ts) or interpret it. */
export interface Program extends ProgramBorders {
  readonly code: GraphCode | OnnxCode;
}
