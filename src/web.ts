/**
 * Quarterturn in a browser: the same networks, objectives and training loop, on onnxruntime-web.
 * Nothing here touches Node; images come in through `memoryStore`, what shall last goes out through
 * a `Recorder`. Run it in a web worker (web/playground does).
 */
export { UserError } from "./base/errors.ts";
export { batchOrder } from "./data/store/batches.ts";
export { memoryStore } from "./data/store/memory-store.ts";
export { createWebEngine, createWorkerEngine, serveEngine, type WebEngineOptions } from "./engine/web.ts";
export { buildSteps } from "./objectives/build.ts";
export type { Steps } from "./objectives/steps.ts";
export { parseConfig } from "./training/config/check.ts";
export type { Config } from "./training/config/schema.ts";
export type { TrainEvent } from "./training/events.ts";
export type { TrainResult } from "./training/loop/ending.ts";
export { type TrainOptions, train } from "./training/loop/loop.ts";
export type { Recorder, Snapshot } from "./training/loop/recorder.ts";
export { decodeSafetensors, encodeSafetensors } from "./training/safetensors.ts";
