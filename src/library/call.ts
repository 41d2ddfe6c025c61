/**
 * What all calls have in common that work for a while: who is told how it goes, and what ends them.
 */
import type { Context } from "../app/context.ts";
import * as kind from "./check.ts";
import { contextOf, type Listeners } from "./listeners.ts";
import { forProgram } from "./program-words.ts";

/** Who is told how it goes, and what ends it. */
export interface Interruptible extends Listeners {
  /** Aborting ends the call. */
  readonly signal?: AbortSignal;
}

/** Their kinds. */
export const INTERRUPTIBLE: kind.Kinds<Interruptible> = {
  signal: kind.abortSignal,
  onLine: kind.callback,
  onWarning: kind.callback,
};

/** Those of a choice of the engine. */
export const ENGINE = { device: kind.text, threads: kind.whole(0) };

/**
 * Do the work of a call whose options have been checked.
 * @param call the options, with listeners and signal among them
 * @param work gets the other options, and who is told
 * @throws what the work throws; of a mistake of the caller in the terms of a program
 */
export function working<C extends Interruptible, T>(
  call: C,
  work: (options: Omit<C, keyof Interruptible>, context: Context) => Promise<T>,
): Promise<T> {
  const { onLine, onWarning, signal, ...options } = call;
  return forProgram(work(options, contextOf({ onLine, onWarning }, signal)));
}
