/**
 * The builds of onnxruntime-web: each an entry point with a WebAssembly file of its own, fetched
 * only when it is chosen (14, 17 and 27 MB). Files are named as neighbors of this module, which
 * bundlers understand, so that nothing comes from elsewhere.
 */

/** The part of every entry point that is used. */
export type OrtWeb = typeof import("onnxruntime-web");

/** Where the two files of a build are. */
export interface RuntimeFiles {
  readonly mjs: string;
  readonly wasm: string;
}

/** An entry point and its files. */
export interface WebBuild {
  load(): Promise<OrtWeb>;
  readonly files: RuntimeFiles;
}

/**
 * `wasm`: the CPU alone. `jspi` and `asyncify`: with the WebGPU provider, whose calls wait for the
 * device inside WebAssembly. The first lets the browser switch stacks (JavaScript Promise
 * Integration), the second rewrites all code to unwind it, which costs size and speed.
 */
export const BUILDS = {
  wasm: {
    load: () => import("onnxruntime-web/wasm"),
    files: {
      mjs: new URL("onnxruntime-web/ort-wasm-simd-threaded.mjs", import.meta.url).href,
      wasm: new URL("onnxruntime-web/ort-wasm-simd-threaded.wasm", import.meta.url).href,
    },
  },
  jspi: {
    load: () => import("onnxruntime-web/jspi"),
    files: {
      mjs: new URL("onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs", import.meta.url).href,
      wasm: new URL("onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm", import.meta.url).href,
    },
  },
  asyncify: {
    load: () => import("onnxruntime-web/webgpu"),
    files: {
      mjs: new URL("onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs", import.meta.url).href,
      wasm: new URL("onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm", import.meta.url).href,
    },
  },
} as const satisfies Record<string, WebBuild>;

export type BuildName = keyof typeof BUILDS;

/** The build for a device in this browser. */
export function buildFor(device: "cpu" | "webgpu"): BuildName {
  if (device === "cpu") return "wasm";
  return "Suspending" in WebAssembly ? "jspi" : "asyncify";
}
