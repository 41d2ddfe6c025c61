/** What each signal does. They are emitted, not sent: the test process has others to lose. */
import { expect, it } from "vitest";
import { watchInterrupts } from "./interrupt.ts";
import { createOutput } from "./output.ts";

const silent = { write: () => true };

/** Whether a signal asks for the end. */
function aborts(signal: NodeJS.Signals, attached: boolean): boolean {
  const before = process.listenerCount(signal);
  const watch = watchInterrupts(createOutput(false, silent, silent), attached);
  try {
    process.emit(signal, signal);
    return watch.signal.aborted;
  } finally {
    watch.dispose();
    expect(process.listenerCount(signal)).toBe(before);
  }
}

it.each(["SIGINT", "SIGTERM"] as const)("%s asks for the end, with and without a terminal", (signal) => {
  expect(aborts(signal, true)).toBe(true);
  expect(aborts(signal, false)).toBe(true);
});

it("the closing of the terminal asks for the end, but not of what was detached from it (nohup)", () => {
  expect(aborts("SIGHUP", true)).toBe(true);
  expect(aborts("SIGHUP", false)).toBe(false);
});
