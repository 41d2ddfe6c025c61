/**
 * State in memory outside JavaScript's heap: oneDNN computes in it, and ONNX Runtime reads the same
 * memory as an array.
 */
import type { Runtime } from "../sessions/runtime.ts";
import type { StateMemory } from "../sessions/state.ts";
import type { Library } from "./library.node.ts";
import type { StatePlaces } from "./lower.node.ts";
import type { Memory } from "./memory.ts";

/** Both views of the state. */
export interface NativeState {
  readonly memory: StateMemory;
  readonly places: StatePlaces;
  /** Whether a name has a value. */
  has(name: string): boolean;
  /** Names that a program has given values. */
  note(names: readonly string[]): void;
  free(): void;
}

interface Entry {
  readonly place: Memory & { readonly fixed: number };
  readonly values: Float32Array;
  /**
   * Whether it has a value; programs that were compiled have a place for what was not written yet.
   */
  written: boolean;
}

/** An empty store. */
export function createNativeState({ Tensor }: Pick<Runtime, "Tensor">, library: Library): NativeState {
  const entries = new Map<string, Entry>();

  function entry(name: string, length: number): Entry {
    const known = entries.get(name);
    if (known) {
      if (known.values.length === length) return known;
      throw new Error(`State "${name}" holds ${known.values.length} values, not ${length}.`);
    }
    const bytes = Math.max(64, 4 * length);
    const fixed = library.allocate(bytes);
    const values = new Float32Array(library.view(fixed, bytes), 0, length);
    const made = { place: { bytes: 4 * length, fixed }, values, written: false };
    entries.set(name, made);
    return made;
  }
  const put = (name: string, data: Float32Array): void => {
    const own = entry(name, data.length);
    own.values.set(data);
    own.written = true;
  };
  const free = (): void => {
    for (const { place } of entries.values()) library.free(place.fixed);
    entries.clear();
  };

  return {
    places: { memoryOf: (name, length) => entry(name, length).place },
    has: (name) => entries.get(name)?.written === true,
    note(names) {
      for (const name of names) entries.get(name)!.written = true;
    },
    free,
    memory: {
      ...{ location: "cpu", overwrites: false },
      names: () => [...entries].flatMap(([name, { written }]) => (written ? [name] : [])),
      size(name) {
        const own = entries.get(name);
        return own?.written ? own.values.length : undefined;
      },
      input: async (name, shape) => new Tensor("float32", entries.get(name)!.values, shape),
      replace: (name, output) => put(name, output.data as Float32Array),
      write: put,
      forget(name) {
        const own = entries.get(name);
        if (own) own.written = false;
      },
      read: async (name) => entries.get(name)!.values.slice(),
      clear: async () => free(),
    },
  };
}
