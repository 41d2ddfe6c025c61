/**
 * Quarterturn as a library for Node: what the command line does, as functions.
 *
 *     import { evaluate, presets, sample, train } from "quarterturn";
 *
 * `quarterturn/graph` is the graph compiler, `quarterturn/nn` the layers, `quarterturn/web` what runs in a browser.
 */
import { isMainThread } from "node:worker_threads";
import { refuseTelemetry } from "./base/processes/telemetry.node.ts";

// Here too, so that an engine may be opened in a worker thread of a program that imports this in its main thread.
if (isMainThread) refuseTelemetry();

export type { EvaluationOutcome } from "./app/evaluate/evaluate.ts";
export type { Samples } from "./app/sample/images.ts";
export type { TrainOutcome } from "./app/train/train.ts";
export { UserError } from "./base/errors.ts";
export { type EvaluateCall, evaluate } from "./library/evaluate.ts";
export { presets } from "./library/presets.ts";
export { type SampleCall, sample } from "./library/sample.ts";
export { type TrainCall, train } from "./library/train.ts";
export type { Config } from "./training/config/schema.ts";
export type { TrainEvent } from "./training/events.ts";
