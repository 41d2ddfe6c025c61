/**
 * Nothing leaves the machine. From 1.29 on, ONNX Runtime's builds for Linux and macOS collect
 * telemetry: a lasting id of the device, and the metadata of every model that is loaded, queued on
 * the disk for upload. One environment variable turns all of it off, if it is in the environment of
 * the process before the library is loaded.
 */
import { isMainThread } from "node:worker_threads";
import { UserError } from "../errors.ts";
import { NO_TELEMETRY } from "./telemetry.ts";

/**
 * Turn ONNX Runtime's telemetry off in this process and in all that it starts. Called before the
 * library is loaded.
 * @throws UserError in a worker thread whose process has not turned it off: what such a thread
 *   writes into `process.env` is a copy of its own, which the library does not see
 */
export function refuseTelemetry(): void {
  if (isMainThread) process.env[NO_TELEMETRY.name] = NO_TELEMETRY.value;
  else if (environmentOfProcess()[NO_TELEMETRY.name] !== NO_TELEMETRY.value)
    throw new UserError(
      "ONNX Runtime would collect telemetry: this is a worker thread, and only the main thread can turn that off.",
      `Import "quarterturn" in the main thread too, or start the program with ${NO_TELEMETRY.name}=${NO_TELEMETRY.value}.`,
    );
}

/** What native code of this process sees. */
function environmentOfProcess(): Readonly<Record<string, string>> {
  // Declared by later versions of Node than the types here are for.
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  const { excludeNetwork = false } = report;
  try {
    // Interfaces of the network can take seconds to be listed.
    report.excludeNetwork = true;
    return (
      (report.getReport() as { environmentVariables?: Record<string, string> }).environmentVariables ?? {}
    );
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}
