/**
 * Ctrl-C, SIGTERM and the closing of the terminal (SIGHUP): the first asks for an orderly end;
 * Ctrl-C or SIGTERM once more ends at once, whatever is under way, by the signal itself:
 * `process.exit` would wait for native calls of other threads.
 */
import { isatty } from "node:tty";
import { hasQuitHooks, runQuitHooks } from "../../base/processes/quit.ts";
import { EXIT } from "../command.ts";
import type { Output } from "./output.ts";
import { ECHO_MS, startWatchdog } from "./watchdog.ts";

/** The reason of the abort, where work ends by throwing it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Listening for interruptions. */
export interface InterruptWatch {
  readonly signal: AbortSignal;
  /** Whether it was the closing of the terminal that asked for the end. */
  readonly hungUp: () => boolean;
  /** Stop listening: the system's own behavior is back. */
  dispose(): void;
}

/** Whether any of the standard streams is a terminal. */
const onTerminal = (): boolean => [0, 1, 2].some((stream) => isatty(stream));

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Those that end at once when they come again. */
const IMPATIENT = ["SIGINT", "SIGTERM"] as const;

/**
 * Listen from now on.
 * @param attached whether the process belongs to a terminal. `nohup` asks for SIGHUP to be ignored,
 *   which Node undoes when it starts; so where no stream is a terminal, it is ignored here
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
  let listening: readonly NodeJS.Signals[] = SIGNALS;
  const ignore = (signals: readonly NodeJS.Signals[]): void => {
    for (const signal of signals) process.off(signal, onSignal);
    listening = listening.filter((signal) => !signals.includes(signal));
  };
  const quit = (signal: NodeJS.Signals): void => {
    runQuitHooks();
    ignore(SIGNALS);
    // Windows knows no death by a signal.
    if (process.platform !== "win32") process.kill(process.pid, signal);
    process.exit(EXIT.interrupted);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === "SIGHUP" && !attached) return;
    if (controller.signal.aborted) {
      if (signal !== "SIGHUP" && performance.now() - first >= ECHO_MS) quit(signal);
      return;
    }
    first = performance.now();
    hungUp = signal === "SIGHUP";
    watchdog.asked();
    controller.abort(new Interrupted("interrupted"));
    output.line(words);
    // From then on the system itself ends the process, even where no JavaScript gets its turn any more.
    setTimeout(() => {
      if (!hasQuitHooks()) ignore(IMPATIENT);
    }, ECHO_MS).unref();
  };
  const listenAnew = (): void => {
    for (const signal of listening) process.off(signal, onSignal);
    for (const signal of listening) process.on(signal, onSignal);
  };
  const watchdog = startWatchdog(output.json ? 2 : 1, () => onSignal("SIGINT"), listenAnew);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    hungUp: () => hungUp,
    dispose: () => {
      ignore(SIGNALS);
      watchdog.close();
    },
  };
}
