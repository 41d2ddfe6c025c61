/**
 * ONNX Runtime for a generator, inside a worker. Small models run on the processor, with threads
 * where the page is isolated from other origins (`SharedArrayBuffer` is only there then); larger
 * ones on WebGPU where the browser has an adapter. The builds are those of the engine
 * (src/engine/web/builds.ts): each is a download of its own, and only the one that is used is
 * fetched. All files lie beside the page.
 */
import type { InferenceSession, Tensor } from "onnxruntime-common";
import { BUILDS, buildFor, type OrtWeb } from "../../src/engine/web/builds.ts";
import { webThreads } from "../../src/engine/web/threads.ts";
import { type OnnxModel, writeModel } from "../../src/graph/onnx/model.ts";

/**
 * Bytes of a model from which on a GPU is asked for. Below it the processor has made all images of
 * a page before WebGPU has compiled its shaders for one.
 */
const WORTH_GPU = 4e6;

/** A model that runs. */
export interface OpenedModel {
  /** For people: `WebGPU`, `WebAssembly, 4 threads`. */
  readonly device: string;
  run(feeds: Readonly<Record<string, Tensor>>): Promise<InferenceSession.ReturnType>;
  tensor(dtype: "float32" | "int64", data: Float32Array | BigInt64Array, shape: readonly number[]): Tensor;
  release(): Promise<void>;
}

/** Whether there is a GPU to be used from here. */
export async function hasGpu(): Promise<boolean> {
  const gpu = (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu;
  return (await gpu?.requestAdapter().catch(() => null)) != null;
}

/** Load a model on the best device that takes it. What was tried and failed is said in `device`. */
export async function openModel(bytes: Uint8Array): Promise<OpenedModel> {
  if (bytes.length < WORTH_GPU || !(await hasGpu())) return openOn("cpu", bytes);
  try {
    return await openOn("webgpu", bytes);
  } catch (error) {
    console.warn(error);
    const model = await openOn("cpu", bytes);
    return { ...model, device: `${model.device} (WebGPU does not take this model)` };
  }
}

/** A model that does nothing. */
const NOTHING: OnnxModel = {
  name: "nothing",
  nodes: [{ type: "Identity", domain: "", name: "", inputs: ["x"], outputs: ["y"], attributes: {} }],
  initializers: [],
  inputs: [{ name: "x", dtype: "float32", shape: [1] }],
  outputs: [{ name: "y", dtype: "float32", shape: [1] }],
  domains: {},
};

/**
 * Start the processor's build, which small models need, before one is there. ONNX Runtime compiles
 * its WebAssembly when the first model is loaded; that takes longer than the page and the
 * generator's file do, so it gets one that does nothing.
 */
export async function prepareCpu(): Promise<void> {
  const model = await openOn("cpu", writeModel(NOTHING));
  await model.release();
}

async function openOn(device: "cpu" | "webgpu", bytes: Uint8Array): Promise<OpenedModel> {
  const { load, files } = BUILDS[buildFor(device)];
  const ort: OrtWeb = await load();
  const threads =
    device === "webgpu"
      ? 1
      : webThreads(0, {
          crossOriginIsolated: self.crossOriginIsolated,
          processors: navigator.hardwareConcurrency,
        });
  ort.env.logLevel = "fatal";
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = { ...files };
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [device === "webgpu" ? "webgpu" : "wasm"],
    logSeverityLevel: 4,
  });
  // On a GPU a run waits in the midst of it, and another one must not begin then.
  let last: Promise<unknown> = Promise.resolve();
  return {
    device:
      device === "webgpu" ? "WebGPU" : `WebAssembly, ${threads === 1 ? "one thread" : `${threads} threads`}`,
    run(feeds) {
      const result = last.then(() => session.run(feeds));
      last = result.catch(() => undefined);
      return result;
    },
    tensor: (dtype, data, shape) => new ort.Tensor(dtype, data as never, shape),
    release: () => last.then(() => session.release()),
  };
}
