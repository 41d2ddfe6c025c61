/**
 * An engine in another thread: the side that answers (client.ts asks). One call is executed after
 * another; those that wait when the engine is closed are not executed any more.
 */

import { buffersOf } from "../sessions/feeds.ts";
import { packFailure } from "./failures.ts";
import type { Call, Reply, Request, RuntimeHandle, Values } from "./messages.ts";

/** The answering side, beside ONNX Runtime. */
export interface Server {
  /** Hand in a message of the asking side; the answer goes to `reply`. */
  receive(request: Request): Promise<void>;
}

/**
 * Whether a call may still be executed. Passed before and after each, so that the asking side can
 * see what is under way.
 */
export interface ShutdownGate {
  enter(): "open" | "closing" | "exiting";
  leave(): void;
}

/**
 * The answering side.
 * @param open loads the runtime; called by the first message
 * @param gate closing skips the calls still waiting, exiting everything
 */
export function createServer(
  open: () => Promise<RuntimeHandle>,
  reply: (reply: Reply, transfer: readonly ArrayBuffer[]) => void,
  gate: ShutdownGate,
): Server {
  const opened = lazily(open);
  let last: Promise<void> = Promise.resolve();

  async function answer(call: Call): Promise<unknown> {
    const { store, info } = await opened();
    switch (call.kind) {
      case "start":
        return info;
      case "load":
        return store.load(call.handles, call.programs, call.model);
      case "interpret":
        if (!store.interpret) throw new Error("This engine interprets no programs.");
        return store.interpret(call.handles, call.programs);
      case "run":
        return store.run(call.handle, call.feeds, call.alias);
      case "release":
        return store.release(call.handle);
      case "write":
        return store.write(call.values);
      case "read":
        return store.read(call.names);
      case "close":
        return store.dispose();
    }
  }

  async function admitted(call: Call): Promise<unknown> {
    const access = gate.enter();
    try {
      const freeing = call.kind === "close" || call.kind === "release";
      if (access === "exiting" || (access === "closing" && !freeing))
        throw new Error("The engine was closed before this call's turn.");
      return await answer(call);
    } finally {
      gate.leave();
    }
  }

  async function handle({ id, call }: Request): Promise<void> {
    try {
      const value = await admitted(call);
      const carries = call.kind === "run" || call.kind === "read";
      reply({ id, value }, carries ? buffersOf(value as Values) : []);
    } catch (error) {
      reply({ id, failure: packFailure(error) }, []);
    }
  }

  return {
    receive(request) {
      last = last.then(() => handle(request));
      return last;
    },
  };
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
