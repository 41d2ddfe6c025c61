/**
 * A store of programs of both kinds over one state: training steps are interpreted by oneDNN,
 * everything else (samples, judgments) runs in ONNX Runtime in float32, as it does without this
 * engine.
 */
import { writeFileSync } from "node:fs";
import type { Program } from "../../graph/program.ts";
import type { TensorData } from "../engine.ts";
import type { ProfileEvent } from "../sessions/profile.ts";
import type { SessionStore } from "../sessions/sessions.ts";
import { type ExecutableProgram, instantiate, type Lowered, lowerProgram } from "./lower.node.ts";
import type { Dnnl } from "./plans.node.ts";
import type { NativeState } from "./state.node.ts";
import type { MemoryType } from "./vocabulary.ts";

/** What the store works with. */
export interface NativeStoreParts {
  readonly dnnl: Dnnl;
  readonly state: NativeState;
  /** Runs everything that is not interpreted, over the same state. */
  readonly sessions: SessionStore;
  readonly type: MemoryType;
  /** Path prefix of profiles, if they are wanted. */
  readonly profile: string | undefined;
}

/** Programs that share a region of memory. */
interface Group {
  readonly region: number;
  users: number;
}

interface Interpreted {
  readonly program: Program;
  readonly ready: ExecutableProgram;
  readonly group: Group;
  readonly events: ProfileEvent[];
}

/** An empty store. */
export function createNativeStore(parts: NativeStoreParts): SessionStore {
  const { dnnl, state, sessions, type, profile } = parts;
  const interpreted = new Map<number, Interpreted>();

  function interpret(handles: readonly number[], programs: readonly Program[]): void {
    const lowered: Lowered[] = [];
    try {
      for (const program of programs) lowered.push(lowerProgram(dnnl, program, type, state.places));
      const bytes = Math.max(64, ...lowered.map(({ memoryPlan }) => memoryPlan.bytes));
      const group = { region: dnnl.library.allocate(bytes), users: programs.length };
      for (const [i, one] of lowered.entries()) {
        const ready = instantiate(dnnl, one, group.region);
        interpreted.set(handles[i]!, { program: one.program, ready, group, events: [] });
      }
    } catch (error) {
      for (const one of lowered) one.release();
      throw error;
    }
  }

  function run(
    { program, ready, events }: Interpreted,
    feeds: Readonly<Record<string, TensorData>>,
    alias: Readonly<Record<string, string>>,
  ): Record<string, TensorData> {
    if (Object.keys(alias).length > 0)
      throw new Error(`Program "${program.name}" is interpreted and cannot read state under another name.`);
    for (const { name } of program.reads)
      if (!state.has(name))
        throw new Error(
          `Program "${program.name}": state "${name}" was never written (in the store: ${state.memory.names().join(", ") || "nothing yet"}).`,
        );
    for (const { name } of program.feeds) fill(ready.feeds[name]!, feeds[name]!);
    try {
      if (profile === undefined) ready.run();
      else record(ready, events);
    } catch (error) {
      for (const { name } of program.writes) state.memory.forget(name);
      throw error;
    }
    state.note(program.writes.map(({ name }) => name));
    return Object.fromEntries(
      program.results.map(({ name, dtype }) => {
        const values = ready.results[name]!;
        if (dtype === "float32") return [name, values.slice()];
        if (dtype === "int64") return [name, BigInt64Array.from(values, BigInt)];
        return [name, Uint8Array.from(values)];
      }),
    );
  }

  function release(handle: number): void {
    const { program, ready, group, events } = interpreted.get(handle)!;
    interpreted.delete(handle);
    ready.release();
    if (--group.users === 0) dnnl.library.free(group.region);
    if (profile !== undefined)
      writeFileSync(
        `${profile}-${program.name.replace(/[^\w.-]+/g, "_")}_native.json`,
        JSON.stringify(events),
      );
  }

  return {
    load: (handles, programs, model) => sessions.load(handles, programs, model),
    interpret: async (handles, programs) => interpret(handles, programs),
    async run(handle, feeds, alias) {
      const own = interpreted.get(handle);
      return own ? run(own, feeds, alias) : sessions.run(handle, feeds, alias);
    },
    release: async (handle) => (interpreted.has(handle) ? release(handle) : sessions.release(handle)),
    write: (values) => sessions.write(values),
    read: (names) => sessions.read(names),
    async dispose() {
      for (const handle of [...interpreted.keys()]) release(handle);
      await sessions.dispose();
      dnnl.close();
    },
  };
}

/**
 * All element types are float32 inside; whole numbers as small as labels and pixels are exact
 * there.
 */
function fill(place: Float32Array, values: TensorData): void {
  if (values instanceof BigInt64Array) for (const [i, value] of values.entries()) place[i] = Number(value);
  else place.set(values);
}

/** Run with the time of each primitive, as ONNX Runtime's profiler writes it. */
function record(ready: ExecutableProgram, events: ProfileEvent[]): void {
  const begun = performance.now();
  ready.profile((label, milliseconds) =>
    events.push({
      cat: "Node",
      name: `${label}_kernel_time`,
      dur: 1000 * milliseconds,
      args: { op_name: label, provider: "oneDNN" },
    }),
  );
  events.push({ cat: "Session", name: "model_run", dur: 1000 * (performance.now() - begun) });
}
