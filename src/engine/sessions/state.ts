/**
 * Where state lies between runs, by name: in the host's memory, or in buffers of the device that
 * computes. Of the second kind, what a run writes is what the next one reads, and nothing is copied
 * until somebody asks for it.
 */
import type { InferenceSession, Tensor } from "onnxruntime-common";
import { writeModel } from "../../graph/onnx/model.ts";
import { createDiscard } from "./discard.ts";
import type { Runtime } from "./runtime.ts";

/** Float32 state of programs. */
export interface StateMemory {
  /** Where a session shall leave what is written. */
  readonly location: "cpu" | "gpu-buffer";
  /** Whether sessions can be told to write over an entry. */
  readonly overwrites: boolean;
  names(): string[];
  /** Number of elements; undefined for a name never written. */
  size(name: string): number | undefined;
  /** An entry as an input of a session, in any shape of its size. */
  input(name: string, shape: readonly number[]): Promise<Tensor>;
  /** Put what a session wrote in the place of an entry. */
  replace(name: string, output: Tensor): void;
  /** Put an array there, which then is the memory's. */
  write(name: string, data: Float32Array): void;
  /** Give an entry up. */
  forget(name: string): void;
  /** A copy. */
  read(name: string): Promise<Float32Array>;
  /** Free everything. */
  clear(): Promise<void>;
}

/**
 * State in the host's memory.
 * @param overwrites whether the runtime writes into arrays it is given, as onnxruntime-node does
 */
export function hostMemory({ Tensor }: Pick<Runtime, "Tensor">, overwrites: boolean): StateMemory {
  const entries = new Map<string, Float32Array>();
  const discard = createDiscard();
  const put = (name: string, data: Float32Array): void => {
    const old = entries.get(name);
    entries.set(name, data);
    if (old) discard(old);
  };
  return {
    ...{ location: "cpu", overwrites },
    names: () => [...entries.keys()],
    size: (name) => entries.get(name)?.length,
    input: async (name, shape) => new Tensor("float32", entries.get(name)!, shape),
    replace: (name, output) => put(name, output.data as Float32Array),
    write: put,
    forget: (name) => entries.delete(name),
    read: async (name) => entries.get(name)!.slice(),
    async clear() {
      for (const data of entries.values()) discard(data);
      entries.clear();
    },
  };
}

/** A model that copies a vector of any length. */
const copyModel = (): Uint8Array =>
  writeModel({
    name: "copy",
    nodes: [
      { type: "Identity", domain: "", name: "copy", inputs: ["from"], outputs: ["to"], attributes: {} },
    ],
    initializers: [],
    inputs: [{ name: "from", dtype: "float32", shape: ["length"] }],
    outputs: [{ name: "to", dtype: "float32", shape: ["length"] }],
    domains: {},
  });

/**
 * State in buffers of the device. Arrays go there when first read by a run. Both ways are sessions
 * that copy: what ONNX Runtime offers for downloads (`Tensor.getData`) ends the process in Node.
 */
export function deviceMemory(runtime: Runtime, options: InferenceSession.SessionOptions): StateMemory {
  const entries = new Map<string, Float32Array | Tensor>();
  const discard = createDiscard();
  const sessions: Partial<Record<"cpu" | "gpu-buffer", Promise<InferenceSession>>> = {};

  async function copyTo(location: "cpu" | "gpu-buffer", from: Tensor): Promise<Tensor> {
    sessions[location] ??= runtime.InferenceSession.create(copyModel(), {
      ...options,
      preferredOutputLocation: location,
    });
    return (await (await sessions[location]).run({ from })).to as Tensor;
  }
  const sizeOf = (entry: Float32Array | Tensor): number =>
    entry instanceof Float32Array ? entry.length : entry.size;
  function put(name: string, entry: Float32Array | Tensor): void {
    const old = entries.get(name);
    entries.set(name, entry);
    if (old instanceof Float32Array) discard(old);
    else old?.dispose();
  }

  return {
    ...{ location: "gpu-buffer", overwrites: false },
    names: () => [...entries.keys()],
    size(name) {
      const entry = entries.get(name);
      return entry && sizeOf(entry);
    },
    async input(name, shape) {
      let entry = entries.get(name)!;
      if (entry instanceof Float32Array) {
        const array = entry;
        entry = await copyTo("gpu-buffer", new runtime.Tensor("float32", array, [array.length]));
        entries.set(name, entry);
        discard(array);
      }
      return viewOf(entry, shape);
    },
    replace: put,
    write: put,
    forget(name) {
      put(name, new Float32Array());
      entries.delete(name);
    },
    async read(name) {
      const entry = entries.get(name)!;
      if (entry instanceof Float32Array) return entry.slice();
      return (await copyTo("cpu", viewOf(entry, [entry.size]))).data as Float32Array;
    },
    async clear() {
      for (const name of [...entries.keys()]) this.forget(name);
      for (const [location, session] of Object.entries(sessions)) {
        delete sessions[location as keyof typeof sessions];
        await (await session).release();
      }
    },
  };

  /** The same buffer in another shape; the entry stays the owner. */
  function viewOf(entry: Tensor, dims: readonly number[]): Tensor {
    return runtime.Tensor.fromGpuBuffer(entry.gpuBuffer, { dataType: "float32", dims });
  }
}
