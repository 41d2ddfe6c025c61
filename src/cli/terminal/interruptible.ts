/** Work that Ctrl-C may end at any moment without harm. */
import { EXIT } from "../command.ts";
import { Interrupted, watchInterrupts } from "./interrupt.ts";
import type { Output } from "./output.ts";

/** What is said. */
export interface InterruptWords {
  /** As soon as an end is asked for; unless given, that it is saved. */
  readonly stopping?: string;
  /** When it has come. */
  readonly stopped: string;
  /** The document of the result then; the reason unless given. */
  readonly document?: object;
}

/**
 * Do `work` until it is done or interrupted.
 * @param work may return an exit code of its own
 * @returns the exit code
 */
export async function interruptible(
  output: Output,
  { stopping, stopped, document = { reason: "interrupted" } }: InterruptWords,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<number> {
  const interrupts = watchInterrupts(output, undefined, stopping);
  try {
    const code = await work(interrupts.signal);
    return typeof code === "number" ? code : EXIT.done;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    output.result(stopped, document);
    return EXIT.interrupted;
  } finally {
    interrupts.dispose();
  }
}
