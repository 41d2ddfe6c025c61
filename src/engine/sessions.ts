/**
 * The core of every engine: ONNX Runtime sessions and the named state they share. Portable: the ONNX Runtime package
 * (`onnxruntime-node`, `onnxruntime-web`) is passed in. It runs where ONNX Runtime runs, inside a worker or, for tests and
 * one-off programs, in the calling thread.
 */
import type {
  InferenceSession,
  InferenceSessionFactory,
  Tensor,
  TensorConstructor,
} from "onnxruntime-common";
import type { Program } from "../graph/program.ts";
import type { TensorData } from "./engine.ts";
import { explainFailure } from "./failures.ts";
import { describeBinding, elementCount } from "./feeds.ts";

/** The part of an ONNX Runtime package that is used. */
export interface Runtime {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** Sessions by handle and state by name. Calls are executed one after another in the order they were made. */
export interface SessionStore {
  /** Make `program` ready under `handle`. @throws Error when ONNX Runtime refuses the model or its borders differ from the program */
  load(handle: number, program: Omit<Program, "model">, model: Uint8Array): Promise<void>;
  /**
   * Run once. The store owns `feeds` (already checked, see `checkFeeds`): their memory is gone afterwards. The results are
   * the caller's. Writes are committed together, and only when the run succeeded.
   */
  run(
    handle: number,
    feeds: Readonly<Record<string, TensorData>>,
    alias: Readonly<Record<string, string>>,
  ): Promise<Record<string, TensorData>>;
  /** Free one session; writes its profile if profiling was asked for. */
  release(handle: number): Promise<void>;
  /** Put state into the store, which then owns the arrays. */
  write(values: Readonly<Record<string, Float32Array>>): Promise<void>;
  /** Copies of state entries. @throws Error for a name never written */
  read(names: readonly string[]): Promise<Record<string, Float32Array>>;
  /** Free all sessions and all state. */
  dispose(): Promise<void>;
}

/** Session options for one program, by name (the profile is one file a program). */
export type SessionOptionsFor = (programName: string) => InferenceSession.SessionOptions;

interface Loaded {
  readonly program: Omit<Program, "model">;
  readonly session: InferenceSession;
  readonly profiled: boolean;
}

/** An empty store that executes with `runtime`. */
export function createSessionStore(runtime: Runtime, optionsFor: SessionOptionsFor): SessionStore {
  const sessions = new Map<number, Loaded>();
  const state = new Map<string, Float32Array>();
  const discard = createDiscard();
  let last: Promise<unknown> = Promise.resolve();

  /** Runs must not overlap: each reads the state its predecessor wrote. */
  function inOrder<T>(task: () => Promise<T>): Promise<T> {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  }

  function stateNamed(name: string, wantedBy: string): Float32Array {
    const data = state.get(name);
    if (data) return data;
    const known = [...state.keys()];
    const list = known.length > 0 ? known.join(", ") : "nothing yet";
    throw new Error(`${wantedBy}: state "${name}" was never written (in the store: ${list}).`);
  }

  async function load(handle: number, program: Omit<Program, "model">, model: Uint8Array): Promise<void> {
    const options = optionsFor(program.name);
    let session: InferenceSession;
    try {
      session = await runtime.InferenceSession.create(model, options);
    } catch (error) {
      throw explainFailure(`Program "${program.name}" could not be loaded`, error);
    }
    const difference = borderDifference(program, session);
    if (difference) {
      await session.release();
      throw new Error(`Program "${program.name}" does not match its model: ${difference}.`);
    }
    sessions.set(handle, { program, session, profiled: options.enableProfiling === true });
  }

  async function run(
    handle: number,
    feeds: Readonly<Record<string, TensorData>>,
    alias: Readonly<Record<string, string>>,
  ): Promise<Record<string, TensorData>> {
    const loaded = sessions.get(handle);
    if (!loaded) throw new Error("The program was released.");
    const { program, session } = loaded;
    const inputs: Record<string, Tensor> = {};
    for (const { name, dtype, shape } of program.feeds)
      inputs[`feed:${name}`] = new runtime.Tensor(dtype, feeds[name] as never, shape);
    for (const binding of program.reads) {
      const name = alias[binding.name] ?? binding.name;
      const data = stateNamed(name, `Program "${program.name}"`);
      if (data.length !== elementCount(binding.shape))
        throw new Error(
          `Program "${program.name}": state "${name}" holds ${data.length} values, but "${binding.name}" is ${describeBinding(binding)}.`,
        );
      inputs[`state:${binding.name}`] = new runtime.Tensor("float32", data, binding.shape);
    }

    let outputs: InferenceSession.ReturnType;
    try {
      outputs = await session.run(inputs);
    } catch (error) {
      throw explainFailure(`Program "${program.name}" failed`, error);
    } finally {
      for (const data of Object.values(feeds)) discard(data);
    }
    const output = (name: string): TensorData => (outputs[name] as Tensor).data as TensorData;
    for (const { name } of program.writes) replaceState(name, output(`write:${name}`) as Float32Array);
    return Object.fromEntries(program.results.map(({ name }) => [name, output(`result:${name}`)]));
  }

  function replaceState(name: string, data: Float32Array): void {
    const old = state.get(name);
    state.set(name, data);
    if (old) discard(old);
  }

  async function release(handle: number): Promise<void> {
    const loaded = sessions.get(handle);
    sessions.delete(handle);
    if (loaded?.profiled) loaded.session.endProfiling();
    await loaded?.session.release();
  }

  return {
    load: (handle, program, model) => inOrder(() => load(handle, program, model)),
    run: (handle, feeds, alias) => inOrder(() => run(handle, feeds, alias)),
    release: (handle) => inOrder(() => release(handle)),
    write: (values) =>
      inOrder(async () => {
        for (const [name, data] of Object.entries(values)) replaceState(name, data);
      }),
    read: (names) =>
      inOrder(async () =>
        Object.fromEntries(names.map((name) => [name, stateNamed(name, "Reading state").slice()])),
      ),
    dispose: () =>
      inOrder(async () => {
        for (const handle of [...sessions.keys()]) await release(handle);
        for (const data of state.values()) discard(data);
        state.clear();
      }),
  };
}

/** What differs between the declared borders of a program and those of its model, or undefined. */
function borderDifference(program: Omit<Program, "model">, session: InferenceSession): string | undefined {
  const inputs = [
    ...program.feeds.map((b) => `feed:${b.name}`),
    ...program.reads.map((b) => `state:${b.name}`),
  ];
  const outputs = [
    ...program.results.map((b) => `result:${b.name}`),
    ...program.writes.map((b) => `write:${b.name}`),
  ];
  const notFloat = [...program.reads, ...program.writes].find((b) => b.dtype !== "float32");
  if (notFloat) return `state "${notFloat.name}" is ${notFloat.dtype}, but state is float32 only`;
  return (
    nameDifference("input", inputs, session.inputNames) ??
    nameDifference("output", outputs, session.outputNames)
  );
}

function nameDifference(
  kind: string,
  declared: readonly string[],
  real: readonly string[],
): string | undefined {
  const missing = declared.filter((name) => !real.includes(name));
  const extra = real.filter((name) => !declared.includes(name));
  if (missing.length > 0) return `${kind} ${missing.join(", ")} declared but not in the model`;
  if (extra.length > 0) return `${kind} ${extra.join(", ")} in the model but not declared`;
  return undefined;
}

/**
 * Frees an array's memory now instead of whenever the garbage collector comes round, which for state of tens of megabytes
 * replaced at every step keeps several generations alive. Posting a buffer as transferred to a closed port detaches it.
 */
function createDiscard(): (data: TensorData) => void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return (data) => {
    try {
      port1.postMessage(null, [data.buffer as ArrayBuffer]);
    } catch {
      // Memory owned by ONNX Runtime cannot be detached; the garbage collector frees it.
    }
  };
}
