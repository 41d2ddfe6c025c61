/**
 * ONNX Runtime for a generator, inside a worker: WebGPU where the browser has an adapter, else WebAssembly, with threads where the page
 * is isolated from other origins (`SharedArrayBuffer` is only there then). Each is a download of its own, and only the one that is
 * used is fetched. All files lie beside the page.
 */
import type { InferenceSession, Tensor } from "onnxruntime-common";
import gpuModule from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import gpuBinary from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import wasmModule from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasmBinary from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";

/** A model that runs. */
export interface OpenedModel {
  /** For people: `WebGPU`, `WebAssembly, 4 threads`. */
  readonly device: string;
  run(feeds: Readonly<Record<string, Tensor>>): Promise<InferenceSession.ReturnType>;
  readonly tensor: TensorMaker;
  release(): Promise<void>;
}

/** Makes a tensor of the runtime in use. */
export type TensorMaker = (
  dtype: "float32" | "int64",
  data: Float32Array | BigInt64Array,
  shape: readonly number[],
) => Tensor;

/** More threads than this do not pay for small images. */
const MOST_THREADS = 8;
const absolute = (url: string): string => new URL(url, self.location.href).href;

/** Whether there is a GPU to be used from here. */
export async function hasGpu(): Promise<boolean> {
  const gpu = (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu;
  return (await gpu?.requestAdapter().catch(() => null)) != null;
}

/** Load a model on the best device that takes it. What was tried and failed is said in `device`. */
export async function openModel(bytes: Uint8Array): Promise<OpenedModel> {
  if (!(await hasGpu())) return openOnCpu(bytes);
  try {
    return await openOnGpu(bytes);
  } catch (error) {
    const model = await openOnCpu(bytes);
    console.warn(error);
    return { ...model, device: `${model.device} (WebGPU does not take this model)` };
  }
}

async function openOnGpu(bytes: Uint8Array): Promise<OpenedModel> {
  const ort = await import("onnxruntime-web/webgpu");
  ort.env.wasm.wasmPaths = { mjs: absolute(gpuModule), wasm: absolute(gpuBinary) };
  ort.env.wasm.numThreads = 1;
  return opened(ort, await ort.InferenceSession.create(bytes, { executionProviders: ["webgpu"] }), "WebGPU");
}

async function openOnCpu(bytes: Uint8Array): Promise<OpenedModel> {
  const ort = await import("onnxruntime-web/wasm");
  const threads = self.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1) : 1;
  ort.env.wasm.wasmPaths = { mjs: absolute(wasmModule), wasm: absolute(wasmBinary) };
  ort.env.wasm.numThreads = threads;
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
  return opened(ort, session, `WebAssembly, ${threads === 1 ? "one thread" : `${threads} threads`}`);
}

function opened(
  ort: { readonly Tensor: new (...args: never[]) => Tensor },
  session: InferenceSession,
  device: string,
): OpenedModel {
  return {
    device,
    run: (feeds) => session.run(feeds),
    tensor: (dtype, data, shape) => new ort.Tensor(...([dtype, data, shape] as never[])),
    release: () => session.release(),
  };
}
