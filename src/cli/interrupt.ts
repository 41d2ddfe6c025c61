/** Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once. */
import { EXIT } from "./command.ts";
import type { Output } from "./output.ts";

/** The reason of the abort, where work ends by throwing it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Listening for interruptions. */
export interface InterruptWatch {
  readonly signal: AbortSignal;
  /** Stop listening: the system's own behaviour is back. */
  dispose(): void;
}

/** Listen from now on. */
export function watchInterrupts(output: Output): InterruptWatch {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new Interrupted("interrupted"));
    output.line("Stopping: saving… Press Ctrl-C again to quit at once, without saving.");
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
