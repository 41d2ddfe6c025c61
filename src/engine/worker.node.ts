/** The worker thread of the Node engine: ONNX Runtime blocks the thread that runs it, so it has one of its own. */
import { parentPort, workerData } from "node:worker_threads";
import type { EngineOptions } from "./engine.ts";
import { createServer, type Request } from "./remote.ts";
import { openRuntime } from "./runtime.node.ts";

/** What `createEngine` hands over. */
export interface WorkerInput {
  readonly options: EngineOptions;
  /** One flag: set to 1 when the engine is being closed. */
  readonly cancelled: Int32Array;
}

const { options, cancelled } = workerData as WorkerInput;
const port = parentPort;
if (!port) throw new Error("This file runs in a worker thread only.");

const server = createServer(
  () => openRuntime(options),
  (reply, transfer) => port.postMessage(reply, [...transfer]),
  () => Atomics.load(cancelled, 0) === 1,
);
port.on("message", (request: Request) => void server.receive(request));
