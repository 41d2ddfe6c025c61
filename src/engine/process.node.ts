/**
 * The process of an engine that may crash: oneDNN is called through addresses, so that a mistake
 * there, or in a driver, ends the process it happens in. Whoever trains lives on, puts the crash on
 * record, and the same command goes on from the last checkpoint.
 */

import type { Request } from "./rpc/messages.ts";
import { createServer } from "./rpc/server.ts";
import { type NodeRuntimeOptions, openRuntime } from "./sessions/runtime.node.ts";

/**
 * What the process is told: first the options, then requests of the engine, and at last to pass
 * over what waits.
 */
export type ProcessMessage =
  | { readonly kind: "options"; readonly options: NodeRuntimeOptions }
  | { readonly kind: "request"; readonly request: Request }
  | { readonly kind: "cancel" };

let options: NodeRuntimeOptions | undefined;
let closing = false;

const server = createServer(
  async () => {
    if (!options) throw new Error("The engine's process was not told what to open.");
    const { store, info } = await openRuntime(options);
    return { store, info: { ...info, process: process.pid } };
  },
  (reply) => void process.send?.(reply),
  { enter: () => (closing ? "closing" : "open"), leave: () => undefined },
);

let last: Promise<unknown> = Promise.resolve();
process.on("message", (message: ProcessMessage) => {
  if (message.kind === "options") options = message.options;
  else if (message.kind === "cancel") closing = true;
  // Calls block this thread: between them messages that have come meanwhile are read, so that `cancel` passes those that wait.
  else last = last.then(() => new Promise(setImmediate)).then(() => server.receive(message.request));
});
// Whoever asked is gone. What Ctrl-C, or the end of a terminal or a service, means is theirs to decide, and a step must be finished for it.
process.on("disconnect", () => process.exit());
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
