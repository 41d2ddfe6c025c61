/**
 * The engine for browsers: onnxruntime-web behind the same interface as in Node. A run blocks the
 * thread it is in, so it belongs in a web worker: either together with the training loop
 * (`createWebEngine` there), or alone, driven from the page (`createWorkerEngine`).
 */
import type { Engine } from "./engine.ts";
import { createInThread } from "./rpc/in-thread.ts";
import { openWebRuntime, type WebEngineOptions } from "./web/runtime.ts";

export type { RuntimeFiles } from "./web/builds.ts";
export type { WebEngineOptions } from "./web/runtime.ts";
export { createWorkerEngine, serveEngine } from "./web/worker.ts";

/**
 * An engine in the calling thread, a web worker.
 * @throws UserError for an unknown device, one this browser cannot use, or threads that this page
 * cannot have
 */
export function createWebEngine(options: WebEngineOptions): Promise<Engine> {
  return createInThread(() => openWebRuntime(options));
}
