/**
 * The engine for Node: onnxruntime-node in a worker thread, so that the main event loop stays free
 * for progress, signals and servers (microsoft/onnxruntime#19611), or in the calling thread for
 * tests and one-off programs.
 */
import { Worker } from "node:worker_threads";
import { refuseTelemetry } from "../base/processes/telemetry.node.ts";
import { parseDevice } from "./devices/devices.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import { forkBeside, hold, whenGone } from "./fork.node.ts";
import type { ProcessMessage } from "./process.node.ts";
import { type Channel, createEngineClient } from "./rpc/client.ts";
import { closeGate, createGateMemory, guardExit } from "./rpc/gate.node.ts";
import { createInThread } from "./rpc/in-thread.ts";
import type { Reply } from "./rpc/messages.ts";
import { resolvePrecision } from "./sessions/precision.ts";
import { type NodeRuntimeOptions, openRuntime } from "./sessions/runtime.node.ts";
import type { WorkerInput } from "./worker.node.ts";
import { workerFile } from "./worker-file.node.ts";

/**
 * An engine whose operators run in a worker thread; in bfloat16, on oneDNN, in a process of its
 * own, which may crash alone. An engine that is idle does not keep the process alive, closed or
 * not.
 * @throws UserError for an unknown device, or one this machine cannot use
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  // Neither its worker thread nor its process does this for itself.
  refuseTelemetry();
  const resolved = await withDevice(options);
  return resolvePrecision(options.precision) === "bfloat16" ? inProcess(resolved) : inWorker(resolved);
}

async function inWorker(resolved: NodeRuntimeOptions): Promise<Engine> {
  const gate = createGateMemory();
  const input: WorkerInput = { options: resolved, gate };
  // Not with `node --input-type=module -e …`: a worker that is a file refuses that option.
  const execArgv = process.execArgv.filter((option) => !option.startsWith("--input-type"));
  const worker = new Worker(workerFile("worker.node", import.meta.url), {
    workerData: input,
    name: "quarterturn-engine",
    execArgv,
  });
  const unguard = guardExit(gate);
  const gone = new Promise<void>((resolve) => worker.once("exit", () => resolve()));

  const channel: Channel = {
    post: (request, transfer) => worker.postMessage(request, [...transfer]),
    hold: (waiting) => (waiting ? worker.ref() : worker.unref()),
    cancel: () => closeGate(gate),
    end: async () => {
      await worker.terminate();
      await gone;
    },
  };
  const client = createEngineClient(channel);
  worker.on("message", (reply: Reply) => client.receive(reply));
  worker.on("messageerror", (error) => client.fail(error));
  worker.on("error", (error) =>
    client.fail(new Error(`The engine's worker thread failed: ${error.message}`, { cause: error })),
  );
  worker.on("exit", (code) => {
    unguard();
    client.fail(new Error(`The engine's worker thread ended with code ${code}`));
  });
  try {
    return await client.start();
  } catch (error) {
    await channel.end();
    throw error;
  }
}

async function inProcess(options: NodeRuntimeOptions): Promise<Engine> {
  const child = forkBeside("process.node", import.meta.url);
  const gone = whenGone(child);
  const say = (message: ProcessMessage): void =>
    void child.send(message, (error) => error && client.fail(error));
  const channel: Channel = {
    post: (request) => say({ kind: "request", request }),
    hold: (waiting) => hold(child, waiting),
    cancel: () => say({ kind: "cancel" }),
    end: async () => {
      child.kill("SIGKILL");
      await gone();
    },
  };
  const client = createEngineClient(channel);
  child.on("message", (reply: Reply) => client.receive(reply));
  child.on("error", (error) => client.fail(error));
  child.on("exit", (code, signal) => {
    const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
    client.fail(new Error(`The engine's process ${how}${signal === "SIGKILL" ? OUT_OF_MEMORY : ""}`));
  });
  say({ kind: "options", options });
  try {
    return await client.start();
  } catch (error) {
    await channel.end();
    throw error;
  }
}

const OUT_OF_MEMORY = ", as happens when memory runs out";

/**
 * The same engine in the calling thread: it starts at once, and blocks while it runs. For tests,
 * goldens and one-off programs.
 * @throws UserError as `createEngine`
 */
export async function createInThreadEngine(options: EngineOptions): Promise<Engine> {
  const resolved = await withDevice(options);
  return createInThread(() => openRuntime(resolved));
}

/** Options with a device in the place of `auto`. */
async function withDevice(options: EngineOptions): Promise<NodeRuntimeOptions> {
  const device = parseDevice(options.device);
  if (device !== "auto") return { ...options, device };
  const { resolveAuto } = await import("./devices/auto.node.ts");
  return { ...options, ...(await resolveAuto(options)) };
}
