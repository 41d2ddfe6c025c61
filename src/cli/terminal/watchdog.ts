/**
 * Ctrl-C while the main thread computes. Signals are heard between two turns of its event loop, and
 * some work takes seconds or minutes without one: tracing a large network, the square root of a
 * matrix, a damaged file. A thread notices that the loop stands still (watchdog-thread.ts), and
 * hears SIGINT in its place until it moves again.
 */
import { Worker } from "node:worker_threads";

/** Of these numbers both threads see each change. */
export type WatchdogMemory = Int32Array;

/** Places in the memory. */
export const SLOT = {
  /** Counts turns of the event loop. */
  BEAT: 0,
  /** 1 while the thread hears signals instead of the main thread. */
  GUARDING: 1,
  /** 1 when the thread has heard one that the main thread has not been told of. */
  HEARD: 2,
  /** 1 when an end has been asked for, whoever heard it. */
  ASKED: 3,
  /** 1 while the main thread wants its signals back. */
  LET_GO: 4,
  /** Where the thread says that it has heard a signal: 1 is stdout, 2 stderr. */
  PROGRESS: 5,
} as const;

/**
 * How long the main thread may stand still before the thread hears signals in its place, in
 * milliseconds.
 */
export const STANDSTILL_MS = 1000;
/**
 * A signal this soon after another is the same one once more: npm, timeout and container runtimes
 * pass on to their child what the terminal has already sent to the whole group. Nobody presses
 * Ctrl-C that fast on purpose.
 */
export const ECHO_MS = 300;

const BEAT_EVERY = 100;

/** Watches until it is closed. */
export interface Watchdog {
  /** An end has been asked for: the next SIGINT that the thread hears ends the process. */
  asked(): void;
  close(): void;
}

/**
 * Watch over this thread.
 * @param progress number of the stream for words that are no result: 1 or 2
 * @param onHeard told of a SIGINT that came while it stood still, as soon as it moves again
 * @param listenAnew make this process's own handlers valid again: they are lost when the thread has
 * heard signals
 */
export function startWatchdog(progress: 1 | 2, onHeard: () => void, listenAnew: () => void): Watchdog {
  const { BEAT, GUARDING, HEARD, ASKED, LET_GO, PROGRESS } = SLOT;
  const memory: WatchdogMemory = new Int32Array(new SharedArrayBuffer(4 * Object.keys(SLOT).length));
  memory[PROGRESS] = progress;
  const execArgv = process.execArgv.filter((option) => !option.startsWith("--input-type"));
  const worker = new Worker(threadFile(), { workerData: memory, name: "quarterturn-watchdog", execArgv });
  // Without it the program does what it is there for all the same.
  worker.on("error", () => undefined);
  worker.unref();
  const beat = (): void => {
    Atomics.add(memory, BEAT, 1);
    Atomics.notify(memory, BEAT);
    // After signals that came before the thread took over: they wait in a queue that does not outlive the handlers.
    if (Atomics.load(memory, GUARDING) === 1) setImmediate(takeBack);
  };
  let closed = false;
  const takeBack = (): void => {
    if (closed || Atomics.load(memory, GUARDING) === 0) return;
    Atomics.store(memory, LET_GO, 1);
    Atomics.notify(memory, LET_GO);
    Atomics.wait(memory, GUARDING, 1, STANDSTILL_MS);
    listenAnew();
    Atomics.store(memory, LET_GO, 0);
    if (Atomics.exchange(memory, HEARD, 0) === 1) onHeard();
  };
  const timer = setInterval(beat, BEAT_EVERY);
  timer.unref();
  return {
    asked: () => Atomics.store(memory, ASKED, 1),
    close() {
      clearInterval(timer);
      takeBack();
      closed = true;
      void worker.terminate();
    },
  };
}

/** The thread's module; from the sources it has to be told how to read TypeScript. */
function threadFile(): URL {
  if (!import.meta.url.endsWith(".ts")) return new URL("./watchdog-thread.js", import.meta.url);
  const source = new URL("./watchdog-thread.ts", import.meta.url).href;
  const tsx = import.meta.resolve("tsx/esm/api");
  const script = `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(source)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}
