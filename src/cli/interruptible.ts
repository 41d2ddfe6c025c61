/** Work that Ctrl-C may end at any moment without harm. */
import { EXIT } from "./command.ts";
import { Interrupted, watchInterrupts } from "./interrupt.ts";
import type { Output } from "./output.ts";

/** What is said. */
export interface InterruptWords {
  /** As soon as an end is asked for. */
  readonly stopping: string;
  /** When it has come. */
  readonly stopped: string;
}

/** Do `work` until it is done or interrupted. @returns the exit code */
export async function interruptible(
  output: Output,
  words: InterruptWords,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const interrupts = watchInterrupts(output, undefined, words.stopping);
  try {
    await work(interrupts.signal);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    output.result(words.stopped, { reason: "interrupted" });
    return EXIT.interrupted;
  } finally {
    interrupts.dispose();
  }
}
