/**
 * The core of every engine: ONNX Runtime sessions and the named state they share. Portable: the
 * ONNX Runtime package (`onnxruntime-node`, `onnxruntime-web`) is passed in. It runs where ONNX
 * Runtime runs, inside a worker or, for tests and one-off programs, in the calling thread.
 */
import type { InferenceSession, Tensor } from "onnxruntime-common";
import { jointName, outputsOf } from "../../graph/onnx/join.ts";
import type { Program } from "../../graph/program.ts";
import type { TensorData } from "../engine.ts";
import { explainFailure } from "../rpc/failures.ts";
import { borderDifference, idleInputs } from "./borders.ts";
import { createDiscard } from "./discard.ts";
import { describeBinding, elementCount } from "./feeds.ts";
import type { ProgramHead, Runtime } from "./runtime.ts";
import { hostMemory, type StateMemory } from "./state.ts";

/**
 * Sessions by handle and state by name. Calls are executed one after another in the order they were
 * made.
 */
export interface SessionStore {
  /**
   * Make programs ready, each under its handle; several share the session of their joint model
   * (graph/onnx/join.ts).
   * @throws Error when ONNX Runtime refuses the model or its borders differ from those of the
   * programs
   */
  load(handles: readonly number[], programs: readonly ProgramHead[], model: Uint8Array): Promise<void>;
  /**
   * Make programs ready that the store interprets by itself; they share their working memory. Only
   * stores of engines with a native target have it.
   * @throws Error for what it cannot compute
   */
  interpret?(handles: readonly number[], programs: readonly Program[]): Promise<void>;
  /**
   * Run once. The store owns `feeds` (already checked, see `checkFeeds`): their memory is gone
   * afterwards. The results are the caller's. Writes are committed together, and only when the run
   * succeeded; what was to be written over when a run failed is lost.
   */
  run(
    handle: number,
    feeds: Readonly<Record<string, TensorData>>,
    alias: Readonly<Record<string, string>>,
  ): Promise<Record<string, TensorData>>;
  /**
   * Give one program up; with the last of a session it is freed, and its profile written if
   * profiling was asked for.
   */
  release(handle: number): Promise<void>;
  /** Put state into the store, which then owns the arrays. */
  write(values: Readonly<Record<string, Float32Array>>): Promise<void>;
  /** Copies of state entries. @throws Error for a name never written */
  read(names: readonly string[]): Promise<Record<string, Float32Array>>;
  /** Free all sessions and all state. */
  dispose(): Promise<void>;
}

/** Session options for one model, by its name (the profile is one file a program). */
export type SessionOptionsFor = (name: string, model: Uint8Array) => InferenceSession.SessionOptions;

interface Loaded {
  readonly program: ProgramHead;
  readonly session: Shared;
  /** Name that a feed or an output of the program has in the session's model. */
  readonly nameOf: (name: string) => string;
}

/** A session and what its programs have in common. */
interface Shared {
  readonly session: InferenceSession;
  readonly profiled: boolean;
  /** Programs not yet released. */
  users: number;
  /** What a run of `program` gives for inputs that only the others want, and the switches. */
  readonly rest: (program: ProgramHead) => Record<string, Tensor>;
}

/**
 * An empty store that executes with `runtime` and keeps state in `memory`, by default the host's.
 */
export function createSessionStore(
  runtime: Runtime,
  optionsFor: SessionOptionsFor,
  memory: StateMemory = hostMemory(runtime, false),
): SessionStore {
  const sessions = new Map<number, Loaded>();
  const discard = createDiscard();
  /** State that was being written over when a program failed, and the program's name. */
  const lost = new Map<string, string>();
  let last: Promise<unknown> = Promise.resolve();

  /** Runs must not overlap: each reads the state its predecessor wrote. */
  function inOrder<T>(task: () => Promise<T>): Promise<T> {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  }

  /** Number of elements of a state entry. @throws Error for a name never written */
  function stateSize(name: string, wantedBy: string): number {
    const size = memory.size(name);
    if (size !== undefined) return size;
    const failed = lost.get(name);
    if (failed) throw new Error(`${wantedBy}: state "${name}" was lost when program "${failed}" failed.`);
    const list = memory.names().join(", ") || "nothing yet";
    throw new Error(`${wantedBy}: state "${name}" was never written (in the store: ${list}).`);
  }

  async function load(
    handles: readonly number[],
    programs: readonly ProgramHead[],
    model: Uint8Array,
  ): Promise<void> {
    const names = programs.map((program) => program.name);
    const title = programs.length === 1 ? `Program "${names[0]}"` : `Programs "${names.join('", "')}"`;
    let options: InferenceSession.SessionOptions;
    let session: InferenceSession;
    try {
      options = { ...optionsFor(names.join("+"), model), ...outputLocations(programs) };
      session = await runtime.InferenceSession.create(model, options);
    } catch (error) {
      throw explainFailure(`${title} could not be loaded`, error);
    }
    const difference = borderDifference(programs, session);
    if (difference) {
      await session.release();
      throw new Error(`${title} does not match its model: ${difference}.`);
    }
    const shared: Shared = {
      session,
      profiled: options.enableProfiling === true,
      users: programs.length,
      rest: programs.length > 1 ? idleInputs(runtime, programs) : () => ({}),
    };
    for (const [i, program] of programs.entries())
      sessions.set(handles[i]!, {
        program,
        session: shared,
        nameOf: (name) => (programs.length > 1 ? jointName(program, name) : name),
      });
  }

  /** What is written stays where the state is; results go to the host. */
  function outputLocations(
    programs: readonly ProgramHead[],
  ): Pick<InferenceSession.SessionOptions, "preferredOutputLocation"> {
    if (memory.location === "cpu") return {};
    const nameIn = (program: ProgramHead, name: string): string =>
      programs.length > 1 ? jointName(program, name) : name;
    const written = programs.flatMap((program) =>
      program.writes.map(({ name }) => [nameIn(program, `write:${name}`), memory.location] as const),
    );
    return { preferredOutputLocation: Object.fromEntries(written) };
  }

  async function run(
    handle: number,
    feeds: Readonly<Record<string, TensorData>>,
    alias: Readonly<Record<string, string>>,
  ): Promise<Record<string, TensorData>> {
    const loaded = sessions.get(handle);
    if (!loaded) throw new Error("The program was released.");
    const { program, session, nameOf } = loaded;
    const inputs = session.rest(program);
    for (const { name, dtype, shape } of program.feeds)
      inputs[nameOf(`feed:${name}`)] = new runtime.Tensor(dtype, feeds[name] as never, shape);
    for (const binding of program.reads) {
      const name = alias[binding.name] ?? binding.name;
      const size = stateSize(name, `Program "${program.name}"`);
      if (size !== elementCount(binding.shape))
        throw new Error(
          `Program "${program.name}": state "${name}" holds ${size} values, but "${binding.name}" is ${describeBinding(binding)}.`,
        );
      inputs[`state:${binding.name}`] = await memory.input(name, binding.shape);
    }

    const over = await overwritten(loaded, alias);
    let outputs: InferenceSession.ReturnType;
    try {
      outputs = await session.session.run(inputs, over.outputs);
    } catch (error) {
      for (const name of over.names) {
        memory.forget(name);
        lost.set(name, program.name);
      }
      throw explainFailure(`Program "${program.name}" failed`, error);
    } finally {
      for (const data of Object.values(feeds)) discard(data);
    }
    const output = (name: string): Tensor => outputs[nameOf(name)] as Tensor;
    for (const { name } of program.writes) {
      const written = output(`write:${name}`);
      // Of what was written over, onnxruntime-node makes a copy that nobody needs.
      if (over.names.includes(name)) discard(written.data as TensorData);
      else memory.replace(name, written);
    }
    return Object.fromEntries(
      program.results.map(({ name }) => [name, output(`result:${name}`).data as TensorData]),
    );
  }

  /** Outputs of a run, with the memory of those that are written over their old values. */
  async function overwritten(
    { program, nameOf }: Loaded,
    alias: Readonly<Record<string, string>>,
  ): Promise<{ names: string[]; outputs: Record<string, Tensor | null> }> {
    // An alias has a program read another entry than it writes, or two names read one: then nothing is known.
    const possible = memory.overwrites && Object.keys(alias).length === 0;
    const names: string[] = [];
    const outputs: Record<string, Tensor | null> = Object.fromEntries(
      outputsOf(program).map(({ name }) => [nameOf(name), null]),
    );
    for (const { name, shape } of possible ? program.writes : []) {
      // What is not there yet, or has another size, is made anew.
      if (!program.overwrites.includes(name) || memory.size(name) !== elementCount(shape)) continue;
      names.push(name);
      outputs[nameOf(`write:${name}`)] = await memory.input(name, shape);
    }
    return { names, outputs };
  }

  async function release(handle: number): Promise<void> {
    const loaded = sessions.get(handle);
    sessions.delete(handle);
    if (!loaded || --loaded.session.users > 0) return;
    if (loaded.session.profiled) loaded.session.session.endProfiling();
    await loaded.session.session.release();
  }

  return {
    load: (handles, programs, model) => inOrder(() => load(handles, programs, model)),
    run: (handle, feeds, alias) => inOrder(() => run(handle, feeds, alias)),
    release: (handle) => inOrder(() => release(handle)),
    write: (values) =>
      inOrder(async () => {
        for (const [name, data] of Object.entries(values)) memory.write(name, data);
      }),
    read: (names) =>
      inOrder(async () => {
        for (const name of names) stateSize(name, "Reading state");
        const values: Record<string, Float32Array> = {};
        for (const name of names) values[name] = await memory.read(name);
        return values;
      }),
    dispose: () =>
      inOrder(async () => {
        for (const handle of [...sessions.keys()]) await release(handle);
        await memory.clear();
      }),
  };
}
