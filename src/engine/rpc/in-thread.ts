/**
 * An engine in the thread that asks for it, without messages: what it computes blocks that thread.
 * Node's tests and one-off programs use it, and so does a training loop that lives in a web worker
 * beside its runtime.
 */

import type { Engine } from "../engine.ts";
import { createEngineClient } from "./client.ts";
import type { RuntimeHandle } from "./messages.ts";
import { createServer } from "./server.ts";

/** Start the engine that `open` makes, in this thread. @throws what `open` throws */
export async function createInThread(open: () => Promise<RuntimeHandle>): Promise<Engine> {
  let closing = false;
  const server = createServer(open, (reply) => client.receive(reply), {
    enter: () => (closing ? "closing" : "open"),
    leave: () => undefined,
  });
  const client = createEngineClient({
    post: (request) => void server.receive(request),
    hold: () => undefined,
    cancel: () => {
      closing = true;
    },
    end: async () => undefined,
  });
  return client.start();
}
