/**
 * The engine: executes programs and keeps state between runs. One small interface, whatever runs
 * beneath (ONNX Runtime in a Node worker thread, in a web worker, on a CPU or a GPU). Nothing above
 * it knows which.
 */
import type { TypedValues } from "../graph/dtype.ts";
import type { Target } from "../graph/index.ts";
import type { Program } from "../graph/program.ts";

/** Values by name. uint8 and bool as `Uint8Array`, int64 as `BigInt64Array`. */
export type TensorData = TypedValues;
export type TensorMap = Readonly<Record<string, TensorData>>;

/** Devices a user can name with `--device`. */
export const DEVICES = ["auto", "cpu", "webgpu", "cuda", "coreml", "dml"] as const;
export type Device = (typeof DEVICES)[number];

/** Precisions a user can name; see `EngineOptions.precision`. */
export const PRECISIONS = ["auto", "float32", "bfloat16"] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Knobs for experiments and measurements; the defaults are what training uses. */
export interface EngineTuning {
  /**
   * How far ONNX Runtime rewrites the graph when it loads it. Default: `disabled` for graphs in the
   * blocked layout, `all` for others.
   */
  readonly graphOptimizationLevel?: "disabled" | "basic" | "extended" | "layout" | "all";
  /**
   * Keep freed activations for the next run instead of giving them back to the system. Default
   * true.
   */
  readonly memoryArena?: boolean;
  /**
   * ONNX Runtime session configuration entries, for example `{"session.intra_op.allow_spinning":
   * "0"}`.
   */
  readonly config?: Readonly<Record<string, string>>;
}

/** How to run: which device, and how many threads for the operators on the CPU. */
export interface EngineOptions {
  readonly device: Device;
  /**
   * Intra-operator threads; 0 takes the cores this process may really use (affinity and cgroup
   * limits count).
   */
  readonly threads: number;
  /**
   * What training steps compute with. `bfloat16`: feature maps and rounded kernels in bfloat16, on
   * oneDNN; parameters, statistics and sums in float32. Everything else, and all with `float32`:
   * ONNX Runtime in float32. `auto`, the default, is float32.
   */
  readonly precision?: Precision;
  /**
   * Path prefix: ONNX Runtime writes `PREFIX-PROGRAM_<time>.json` for every program when it is
   * released or the engine is closed. Read it with `summarizeProfile`.
   */
  readonly profile?: string;
  readonly tuning?: EngineTuning;
}

/** A program made ready to run. */
export interface Executable {
  readonly program: Program;
  /**
   * Run once: feeds in, results out; state is read and written inside the engine. Writes are
   * committed together, after the whole run succeeded. Runs of one engine are executed one after
   * another in the order of the calls. The feeds are copied before the call returns, so the caller
   * may reuse their memory at once.
   * @param alias read state under another name than the program says (for example `generator/ema`
   * for `generator/parameters`)
   * @throws Error when a feed is missing, has the wrong length, or a state entry has never been
   * written
   */
  run(feeds: TensorMap, alias?: Readonly<Record<string, string>>): Promise<TensorMap>;
  /** Free the session. */
  release(): Promise<void>;
}

/** An execution engine with its state store. */
export interface Engine {
  /** What was really chosen, for people: for example `cpu, 2 threads, ONNX Runtime 1.30.0`. */
  readonly description: string;
  readonly device: Exclude<Device, "auto">;
  readonly threads: number;
  /**
   * All that decides the bits of a result besides its inputs: device, threads, version of the
   * runtime, memory layout.
   */
  readonly arithmetic: string;
  /** What to compile graphs for, so that they run best here. */
  readonly target: Target;
  /** The id of its process, where it has one of its own. */
  readonly process?: number;
  compile(program: Program): Promise<Executable>;
  /**
   * Compile programs that run in turn, which then share their working memory where the engine can
   * do that: what is needed is the most that one of them needs, not the sum. Results are those of
   * `compile`, in order. The memory is freed when all are released.
   */
  compileTogether(programs: readonly Program[]): Promise<Executable[]>;
  /**
   * Put float32 state into the store: copied, or with `give` handed over, after which the caller
   * must not use the arrays any more (large states would otherwise lie about until the next garbage
   * collection). Each array given has its buffer to itself.
   */
  writeState(
    values: Readonly<Record<string, Float32Array>>,
    options?: { readonly give?: boolean },
  ): Promise<void>;
  /** Copies of float32 state entries. @throws Error for a name never written. */
  readState(names: readonly string[]): Promise<Record<string, Float32Array>>;
  /**
   * Stop the worker and free everything. A run under way is finished and its promise kept; runs
   * still waiting are rejected. Safe to call twice.
   */
  close(): Promise<void>;
}
