/**
 * onnxruntime-web made ready inside a page or worker. Its WebAssembly files are found as this module's neighbours, which bundlers
 * understand: nothing comes from elsewhere. Each device has an entry point and files of its own, fetched only when it is chosen.
 */
import type { InferenceSession } from "onnxruntime-common";
import { UserError } from "../../base/errors.ts";
import { chooseDevice, type Offer } from "../devices.ts";
import type { EngineOptions } from "../engine.ts";
import type { Opened } from "../remote.ts";
import { createSessionStore, type SessionStore } from "../sessions.ts";
import { webThreads } from "./threads.ts";

type OrtWeb = typeof import("onnxruntime-web");

/** Where the two files of ONNX Runtime's WebAssembly build are. */
export interface RuntimeFiles {
  readonly mjs: string;
  readonly wasm: string;
}

/** How to run in a browser. */
export interface WebEngineOptions extends Pick<EngineOptions, "device" | "threads" | "tuning"> {
  /** Where the runtime's files are, if not where a bundler puts them. */
  readonly files?: RuntimeFiles;
}

/** What a realm's runtime was started with: it has one set of threads for good. */
let started: number | undefined;

/**
 * Load onnxruntime-web and open a store.
 * @throws UserError when the device cannot be used here, or the runtime already runs here with other threads
 */
export async function openWebRuntime(options: WebEngineOptions): Promise<Opened> {
  const { device, reason } = chooseDevice(options.device, offerOf());
  const threads = webThreads(options.threads, {
    crossOriginIsolated: globalThis.crossOriginIsolated === true,
    processors: navigator.hardwareConcurrency,
  });
  if (started !== undefined && started !== threads)
    throw new UserError(
      `ONNX Runtime already runs with ${count(started)} here, so it cannot run with ${count(threads)}.`,
      "Start the engine in a worker of its own.",
    );
  started = threads;
  const ort: OrtWeb = await import("onnxruntime-web/wasm");
  const files = options.files ?? {
    mjs: new URL("onnxruntime-web/ort-wasm-simd-threaded.mjs", import.meta.url).href,
    wasm: new URL("onnxruntime-web/ort-wasm-simd-threaded.wasm", import.meta.url).href,
  };
  ort.env.logLevel = "fatal";
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = { ...files };

  const version = `ONNX Runtime ${ort.env.versions.web ?? ort.env.versions.common}`;
  const parts = [count(threads), `${version} (WebAssembly)`];
  const store = createSessionStore(ort, () => sessionOptions(options));
  return {
    store: takingTurns(store),
    info: {
      device,
      threads,
      arithmetic: [device, ...parts, "plain layout"].join(", "),
      description: [reason ? `${device} (${reason})` : device, ...parts].join(", "),
      target: { provider: "cpu", block: 0 },
      joins: true,
    },
  };
}

const count = (threads: number): string => (threads === 1 ? "1 thread" : `${threads} threads`);

const offerOf = (): Offer => ({ providers: ["cpu"], platform: "this browser" });

/** As in Node (runtime.node.ts); the threads are those of the realm. */
const sessionOptions = ({ tuning = {} }: WebEngineOptions): InferenceSession.SessionOptions => ({
  executionProviders: ["wasm"],
  executionMode: "sequential",
  enableMemPattern: false,
  enableCpuMemArena: tuning.memoryArena ?? true,
  graphOptimizationLevel: tuning.graphOptimizationLevel ?? "all",
  logSeverityLevel: 4,
  ...(tuning.config && { extra: tuning.config }),
});

/**
 * Runs in WebAssembly block, and promises alone do not let a worker hear its messages: before each run the others get a turn. So a
 * training loop beside the runtime can be told to stop.
 */
const takingTurns = (store: SessionStore): SessionStore => ({
  ...store,
  run: async (...call) => {
    await othersTurn();
    return store.run(...call);
  },
});

function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
