/**
 * onnxruntime-web made ready inside a page or worker: the device chosen and tried, the session
 * options fixed, an empty session store.
 */
import type { InferenceSession } from "onnxruntime-common";
import { UserError } from "../../base/errors.ts";
import { WEBGPU_TARGET } from "../../graph/index.ts";
import { type Offer, parseDevice, requireDevice } from "../devices/devices.ts";
import type { EngineOptions } from "../engine.ts";
import type { RuntimeHandle } from "../rpc/messages.ts";
import { createSessionStore, type SessionStore } from "../sessions/sessions.ts";
import { deviceMemory, hostMemory } from "../sessions/state.ts";
import { BUILDS, type BuildName, buildFor, type OrtWeb, type RuntimeFiles } from "./builds.ts";
import { openFastest } from "./fastest.ts";
import { findGpu, requireAdapter } from "./gpu.ts";
import { webThreads } from "./threads.ts";

/** How to run in a browser. */
export interface WebEngineOptions extends Pick<EngineOptions, "device" | "threads" | "tuning"> {
  /** Where the files of ONNX Runtime's builds are, if not where a bundler puts them. */
  readonly files?: Partial<Readonly<Record<BuildName, RuntimeFiles>>>;
}

/** Devices that browsers have. */
type WebDevice = "cpu" | "webgpu";
const OFFER: Offer = { providers: ["cpu", "webgpu"], platform: "browser" };

/**
 * Load onnxruntime-web and open a store. `auto` is the faster of both devices in a trial step where
 * the browser has a real GPU.
 * @throws UserError when the device cannot be used here, or the runtime already runs here with
 * other threads
 */
export async function openWebRuntime(options: WebEngineOptions): Promise<RuntimeHandle> {
  const device = parseDevice(options.device);
  if (device !== "auto") return openOn(requireDevice(device, OFFER) as WebDevice, options);
  const gpu = await findGpu();
  if (!gpu) return openOn("cpu", options, "auto: this browser has no GPU");
  return openFastest([() => openOn("cpu", options), () => openOn("webgpu", options)]);
}

async function openOn(device: WebDevice, options: WebEngineOptions, reason?: string): Promise<RuntimeHandle> {
  if (device === "webgpu") await requireAdapter();
  const build = buildFor(device);
  // With WebGPU, WebAssembly only tells the device what to do.
  const threads = device === "webgpu" ? 1 : cpuThreads(options);
  startWith(build, threads);
  const ort: OrtWeb = await BUILDS[build].load();
  ort.env.logLevel = "fatal";
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = { ...(options.files?.[build] ?? BUILDS[build].files) };

  const version = `ONNX Runtime ${ort.env.versions.web ?? ort.env.versions.common} (WebAssembly)`;
  const parts = [count(threads), version];
  const sessions = sessionOptions(device, options);
  const memory = device === "webgpu" ? deviceMemory(ort, sessions) : hostMemory(ort, false);
  return {
    store: takingTurns(createSessionStore(ort, () => sessions, memory)),
    info: {
      device,
      threads,
      arithmetic: [device, ...parts, "plain layout"].join(", "),
      description: [reason ? `${device} (${reason})` : device, ...parts].join(", "),
      target: device === "webgpu" ? WEBGPU_TARGET : { provider: "cpu", block: 0 },
      joins: device === "cpu",
    },
  };
}

const count = (threads: number): string => (threads === 1 ? "1 thread" : `${threads} threads`);

const cpuThreads = ({ threads }: WebEngineOptions): number =>
  webThreads(threads, {
    crossOriginIsolated: globalThis.crossOriginIsolated === true,
    processors: navigator.hardwareConcurrency,
  });

/** What the builds of this realm were started with: each has one set of threads for good. */
const started = new Map<BuildName, number>();

function startWith(build: BuildName, threads: number): void {
  const before = started.get(build) ?? threads;
  if (before !== threads)
    throw new UserError(
      `ONNX Runtime already runs with ${count(before)} here, so it cannot run with ${count(threads)}.`,
      "Start the engine in a worker of its own.",
    );
  started.set(build, threads);
}

/** As in Node (runtime.node.ts); the threads are those of the realm. */
const sessionOptions = (
  device: WebDevice,
  { tuning = {} }: WebEngineOptions,
): InferenceSession.SessionOptions => ({
  executionProviders: [device === "webgpu" ? "webgpu" : "wasm"],
  executionMode: "sequential",
  enableMemPattern: false,
  enableCpuMemArena: tuning.memoryArena ?? true,
  graphOptimizationLevel: tuning.graphOptimizationLevel ?? "all",
  logSeverityLevel: 4,
  ...(tuning.config && { extra: tuning.config }),
});

/**
 * Runs in WebAssembly block, and promises alone do not let a worker hear its messages: before each
 * run the others get a turn. So a training loop beside the runtime can be told to stop.
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
