/**
 * An engine in a web worker of its own, driven from a page. The worker's file is the page's, so
 * that its bundler sees it:
 *
 *     // engine.worker.ts
 *     import { serveEngine } from "…/engine/web.ts";
 *     serveEngine();
 *
 *     // page
 *     const worker = new Worker(new URL("./engine.worker.ts", import.meta.url), { type: "module" });
 *     const engine = await createWorkerEngine(worker, { device: "auto", threads: 0 });
 */

import type { Engine } from "../engine.ts";
import { type Channel, createEngineClient } from "../rpc/client.ts";
import type { Reply, Request } from "../rpc/messages.ts";
import { createServer } from "../rpc/server.ts";
import { openWebRuntime, type WebEngineOptions } from "./runtime.ts";

type ToWorker =
  | { readonly open: WebEngineOptions }
  | { readonly request: Request }
  | { readonly cancel: true };

/** What is used of a `Worker`. */
export interface WorkerPort {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "error", listener: (event: { readonly message: string }) => void): void;
  terminate(): void;
}

/** What is used of a worker's global scope. */
export interface ServingScope {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/**
 * An engine whose runs happen in `worker`, which must have called `serveEngine`. Closing the engine
 * ends the worker.
 * @throws UserError as `createWebEngine`
 */
export async function createWorkerEngine(worker: WorkerPort, options: WebEngineOptions): Promise<Engine> {
  const post = (message: ToWorker, transfer: readonly ArrayBuffer[] = []): void =>
    worker.postMessage(message, [...transfer]);
  const channel: Channel = {
    post: (request, transfer) => post({ request }, transfer),
    hold: () => undefined,
    cancel: () => post({ cancel: true }),
    end: async () => worker.terminate(),
  };
  const client = createEngineClient(channel);
  worker.addEventListener("message", ({ data }) => client.receive(data as Reply));
  worker.addEventListener("error", ({ message }) =>
    client.fail(new Error(`The engine's worker failed: ${message}`)),
  );
  post({ open: options });
  try {
    return await client.start();
  } catch (error) {
    await channel.end();
    throw error;
  }
}

/** Answer the page's `createWorkerEngine`; called once, at the start of the worker's file. */
export function serveEngine(scope: ServingScope = globalThis as unknown as ServingScope): void {
  let options: WebEngineOptions | undefined;
  let closing = false;
  const server = createServer(
    async () => {
      if (!options) throw new Error("The worker was asked before it was told how to open the engine.");
      return openWebRuntime(options);
    },
    (reply, transfer) => scope.postMessage(reply, [...transfer]),
    { enter: () => (closing ? "closing" : "open"), leave: () => undefined },
  );
  scope.addEventListener("message", ({ data }) => {
    const message = data as ToWorker;
    if ("open" in message) options = message.open;
    else if ("cancel" in message) closing = true;
    else void server.receive(message.request);
  });
}
