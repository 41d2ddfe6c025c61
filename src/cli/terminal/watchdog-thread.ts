/**
 * The thread that hears Ctrl-C while the main thread computes: Node hands signals to the main
 * thread's event loop alone. As soon as that stands still, this thread takes SIGINT to itself, by
 * way of `breakOnSigint`, the one means that Node has for this.
 */
import { writeSync } from "node:fs";
import { Script } from "node:vm";
import { workerData } from "node:worker_threads";
import { ECHO_MS, SLOT, STANDSTILL_MS, type WatchdogMemory } from "./watchdog.ts";

const memory = workerData as WatchdogMemory;
const { BEAT, GUARDING, HEARD, ASKED, LET_GO, PROGRESS } = SLOT;
Object.assign(globalThis, { quarterturnMemory: memory });
/** Waits until the main thread wants its signals back. */
const wait = new Script(`Atomics.wait(quarterturnMemory, ${LET_GO}, 0)`);

function say(text: string): void {
  try {
    writeSync(Atomics.load(memory, PROGRESS), text);
  } catch {
    // Nobody reads it, or the pipe is full.
  }
}

/**
 * Hear SIGINT until the main thread moves again, and says so: its handlers are void until it has
 * made them valid again.
 */
function guard(): void {
  Atomics.store(memory, GUARDING, 1);
  let heardAt = Number.NEGATIVE_INFINITY;
  while (Atomics.load(memory, LET_GO) === 0) {
    try {
      wait.runInThisContext({ breakOnSigint: true });
    } catch {
      // The same Ctrl-C once more: see interrupt.ts.
      if (performance.now() - heardAt < ECHO_MS) continue;
      // Outside the script the signal does what it does by nature.
      if (Atomics.exchange(memory, ASKED, 1) === 1) {
        process.kill(process.pid, "SIGINT");
        continue;
      }
      heardAt = performance.now();
      Atomics.store(memory, HEARD, 1);
      say("Stopping after this computation… Press Ctrl-C again to quit at once, without saving.\n");
    }
  }
  Atomics.store(memory, GUARDING, 0);
  Atomics.notify(memory, GUARDING);
}

for (;;) {
  const beat = Atomics.load(memory, BEAT);
  // Woken by every beat; a beat that fails to come means that the main thread stands still.
  if (Atomics.wait(memory, BEAT, beat, STANDSTILL_MS) === "timed-out") guard();
}
