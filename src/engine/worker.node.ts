/**
 * The worker thread of the Node engine: ONNX Runtime blocks the thread that runs it, so it has one
 * of its own.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type GateMemory, workerGate } from "./rpc/gate.node.ts";
import type { Request } from "./rpc/messages.ts";
import { createServer } from "./rpc/server.ts";
import { type NodeRuntimeOptions, openRuntime } from "./sessions/runtime.node.ts";

/** What `createEngine` hands over. */
export interface WorkerInput {
  readonly options: NodeRuntimeOptions;
  readonly gate: GateMemory;
}

const { options, gate } = workerData as WorkerInput;
const port = parentPort;
if (!port) throw new Error("This file runs in a worker thread only.");

const server = createServer(
  () => openRuntime(options),
  (reply, transfer) => port.postMessage(reply, [...transfer]),
  workerGate(gate),
);
port.on("message", (request: Request) => void server.receive(request));
