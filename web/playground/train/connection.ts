/** The worker that trains, which is large: it is not started before it is needed. */
import { type Connection, connect } from "../rpc.ts";
import type { TrainHandlers, WorkerEvent } from "./worker.ts";

/**
 * Connect to a worker of its own with the first call.
 * @param onEvent is told what the worker says by itself
 */
export function trainWorker(onEvent: (event: WorkerEvent) => void): Connection<TrainHandlers> {
  let connected: Connection<TrainHandlers> | undefined;
  return {
    call(name, ...args) {
      connected ??= connect<TrainHandlers, WorkerEvent>(
        new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "train" }),
        onEvent,
      );
      return connected.call(name, ...args);
    },
    end: () => connected?.end(),
  };
}
