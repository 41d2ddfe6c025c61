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

export type { BundleResult } from "./app/bundle.ts";
export type { CompareOutcome } from "./app/compare.ts";
export type { FetchOutcome } from "./app/data/fetch.ts";
export type { PrepareOutcome } from "./app/data/prepare.ts";
export type { EmbedResult } from "./app/embed.ts";
export type { EvaluationOutcome } from "./app/evaluate/evaluate.ts";
export type { MachineCheck } from "./app/events.ts";
export type { ExportResult } from "./app/export/export.ts";
export type { AddedFeatures, FeaturesList, RemovedFeatures } from "./app/features.ts";
export type { ForgettingOutcome } from "./app/forgetting.ts";
export type { ImportResult } from "./app/import.ts";
export type { OrientationOutcome } from "./app/orient/evaluate.ts";
export type { OrientResult } from "./app/orient/orient.ts";
export type { ProbeOutcome } from "./app/probe.ts";
export type { ReportResult } from "./app/report.ts";
export type { Reproduction } from "./app/reproduce/reproduce.ts";
export type { Samples } from "./app/sample/images.ts";
export type { SnapshotResult } from "./app/snapshot.ts";
export type { TrainOutcome } from "./app/train/train.ts";
export { UserError } from "./base/errors.ts";
export type { Inspection } from "./data/index.node.ts";
export { type BundleCall, bundle } from "./library/bundle.ts";
export { type CompareCall, compare } from "./library/compare.ts";
export { data, type FetchCall, type InspectCall, type PrepareCall } from "./library/data.ts";
export { doctor } from "./library/doctor.ts";
export { type EmbedCall, embed } from "./library/embed.ts";
export { type EvaluateCall, evaluate } from "./library/evaluate.ts";
export { type ExportCall, exportRun } from "./library/export.ts";
export { type AddFeaturesCall, features } from "./library/features.ts";
export { type ForgettingCall, forgetting } from "./library/forgetting.ts";
export { type ImportCall, importNetworks } from "./library/import.ts";
export { type EvaluateOrientationCall, type OrientCall, orient } from "./library/orient.ts";
export { presets } from "./library/presets.ts";
export { type ProbeCall, probe } from "./library/probe.ts";
export { type ReportCall, report } from "./library/report.ts";
export { type ReproduceCall, reproduce } from "./library/reproduce.ts";
export { type SampleCall, sample } from "./library/sample.ts";
export { type SnapshotCall, snapshot } from "./library/snapshot.ts";
export { type ServedStudio, type StudioCall, studio } from "./library/studio.ts";
export {
  type SweepCall,
  type SweepFolder,
  type SweepOutcome,
  type SweepPlan,
  type SweepQueueCall,
  sweep,
} from "./library/sweep.ts";
export { type TrainCall, train } from "./library/train.ts";
export type { Config } from "./training/config/schema.ts";
export type { TrainEvent } from "./training/events.ts";
