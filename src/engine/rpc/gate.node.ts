/**
 * The gate between the main thread and the engine's worker, in shared memory. It exists because of
 * one property of onnxruntime-node: a worker thread that is stopped while a native call runs aborts
 * the whole process (a C++ exception on the way back into a stopped isolate), and `process.exit`
 * stops worker threads. So leaving the process waits for the call under way, and lets no new one
 * begin.
 */
import type { ShutdownGate } from "./server.ts";

const ACCESS = 0;
const BUSY = 1;
const STATES = ["open", "closing", "exiting"] as const;

/**
 * How long leaving the process waits for a native call, in milliseconds: longer than a step,
 * shorter than for ever.
 */
const LONGEST_WAIT = 120_000;

/** The memory both threads see: whether calls may be executed, and whether one is. */
export type GateMemory = Int32Array;

/** An open gate. */
export function createGateMemory(): GateMemory {
  return new Int32Array(new SharedArrayBuffer(8));
}

/**
 * The worker's side. Busy is set before the access is read, and the main thread writes the access
 * before it reads busy: one of the two always sees the other.
 */
export function workerGate(memory: GateMemory): ShutdownGate {
  return {
    enter: () => {
      Atomics.store(memory, BUSY, 1);
      return STATES[Atomics.load(memory, ACCESS)] ?? "exiting";
    },
    leave: () => {
      Atomics.store(memory, BUSY, 0);
      Atomics.notify(memory, BUSY);
    },
  };
}

/** The engine is being closed: skip what waits. */
export function closeGate(memory: GateMemory): void {
  Atomics.compareExchange(memory, ACCESS, STATES.indexOf("open"), STATES.indexOf("closing"));
}

const guarded = new Set<GateMemory>();

/**
 * From now on leaving the process waits for this worker's call under way. Returns the function that
 * ends it.
 */
export function guardExit(memory: GateMemory): () => void {
  if (guarded.size === 0) process.on("exit", settleAll);
  guarded.add(memory);
  return () => {
    guarded.delete(memory);
    if (guarded.size === 0) process.off("exit", settleAll);
  };
}

function settleAll(): void {
  for (const memory of guarded) Atomics.store(memory, ACCESS, STATES.indexOf("exiting"));
  for (const memory of guarded) Atomics.wait(memory, BUSY, 1, LONGEST_WAIT);
}
