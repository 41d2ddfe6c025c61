/** Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once. */
import { EXIT } from "./command.ts";
import type { Output } from "./output.ts";

/**
 * A signal this soon after another is the same one once more: npm, timeout and container runtimes pass on to their child what
 * the terminal has already sent to the whole group. Nobody presses Ctrl-C that fast on purpose.
 */
const ECHO_MS = 300;

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
  let first = 0;
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      if (performance.now() - first < ECHO_MS) return;
      process.exit(EXIT.interrupted);
    }
    first = performance.now();
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
