/**
 * Ctrl-C, SIGTERM and the closing of the terminal (SIGHUP): the first asks for an orderly end; Ctrl-C or SIGTERM once more ends
 * at once.
 */
import { isatty } from "node:tty";
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
  /** Whether it was the closing of the terminal that asked for the end. */
  readonly hungUp: () => boolean;
  /** Stop listening: the system's own behaviour is back. */
  dispose(): void;
}

/** Whether any of the standard streams is a terminal. */
const onTerminal = (): boolean => [0, 1, 2].some((stream) => isatty(stream));

/**
 * Listen from now on.
 * @param attached whether the process belongs to a terminal. `nohup` asks for SIGHUP to be ignored, which Node undoes when it
 *   starts; so where no stream is a terminal, it is ignored here
 * @param words what is said when an orderly end is asked for
 */
export function watchInterrupts(
  output: Output,
  attached = onTerminal(),
  words = "Stopping: saving… Press Ctrl-C again to quit at once, without saving.",
): InterruptWatch {
  const controller = new AbortController();
  let first = 0;
  let hungUp = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === "SIGHUP" && !attached) return;
    if (controller.signal.aborted) {
      if (signal === "SIGHUP" || performance.now() - first < ECHO_MS) return;
      process.exit(EXIT.interrupted);
    }
    first = performance.now();
    hungUp = signal === "SIGHUP";
    controller.abort(new Interrupted("interrupted"));
    output.line(words);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    hungUp: () => hungUp,
    dispose: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
