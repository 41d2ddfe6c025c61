/**
 * The only place that loads onnxruntime-node (a check in the lint step sees to it), so that its
 * telemetry is off before.
 */
import { refuseTelemetry } from "../base/processes/telemetry.node.ts";

/** What onnxruntime-node exports. */
export type OnnxRuntime = typeof import("onnxruntime-node");

/**
 * Load onnxruntime-node with its telemetry off.
 * @throws UserError in a worker thread of a process that has not turned it off
 */
export function loadOnnxRuntime(): Promise<OnnxRuntime> {
  refuseTelemetry();
  return import("onnxruntime-node");
}
