/**
 * Quarterturn as a library for Node: what the command line does, as functions.
 *
 *     import { evaluate, presets, sample, train } from "quarterturn";
 *
 * `quarterturn/graph` is the graph compiler, `quarterturn/nn` the layers, `quarterturn/web` what
 * runs in a browser.
 */
import { isMainThread } from "node:worker_threads";
import { refuseTelemetry } from "./base/processes/telemetry.node.ts";

// Here too, so that an engine may be opened in a worker thread of a program that imports this in its main thread.
if (isMainThread) refuseTelemetry();

export type { FetchOutcome } from "./app/data/fetch.ts";
export type { PrepareOutcome } from "./app/data/prepare.ts";
export type { EvaluationOutcome } from "./app/evaluate/evaluate.ts";
export type { MachineCheck } from "./app/events.ts";
export type { AddedFeatures, FeaturesList, RemovedFeatures } from "./app/features.ts";
export type { ForgettingOutcome } from "./app/forgetting.ts";
export type { Reproduction } from "./app/reproduce/reproduce.ts";
export type { Samples } from "./app/sample/images.ts";
export type { TrainOutcome } from "./app/train/train.ts";
export { UserError } from "./base/errors.ts";
export type { Inspection } from "./data/index.node.ts";
export { data, type FetchCall, type InspectCall, type PrepareCall } from "./library/data.ts";
export { doctor } from "./library/doctor.ts";
export { type EvaluateCall, evaluate } from "./library/evaluate.ts";
export { type AddFeaturesCall, features } from "./library/features.ts";
export { type ForgettingCall, forgetting } from "./library/forgetting.ts";
export { presets } from "./library/presets.ts";
export { type ReproduceCall, reproduce } from "./library/reproduce.ts";
export { type SampleCall, sample } from "./library/sample.ts";
export { type ServedStudio, type StudioCall, studio } from "./library/studio.ts";
export { type TrainCall, train } from "./library/train.ts";
export type { Config } from "./training/config/schema.ts";
export type { TrainEvent } from "./training/events.ts";
