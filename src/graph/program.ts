/**
 * A compiled graph as the engine sees it: ONNX bytes and the names that go in and out. A program is plain data, so it can be
 * sent to a worker, cached, or written to disk.
 */

/** Element types that cross the border of a graph. */
export type DType = "float32" | "int64" | "bool" | "uint8";

/** One named tensor at the border of a program. */
export interface Binding {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/**
 * What `compile` makes of a graph. `feeds` must be given on every run, `results` come back from every run; `reads` are taken
 * from the engine's state store and `writes` put there, by name, without leaving the engine. A name may be in both: the
 * program then reads the old value and writes the new one.
 */
export interface Program {
  readonly name: string;
  /** The ONNX model, serialised. Graph inputs are named `feed:NAME` and `state:NAME`, outputs `result:NAME` and `write:NAME`. */
  readonly model: Uint8Array;
  readonly feeds: readonly Binding[];
  readonly results: readonly Binding[];
  readonly reads: readonly Binding[];
  readonly writes: readonly Binding[];
  /** Names among `writes` whose new value may be made in the memory of the old one (onnx/in-place.ts). */
  readonly overwrites: readonly string[];
}
