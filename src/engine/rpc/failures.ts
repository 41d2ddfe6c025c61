/**
 * Failures of the engine in words, and their way across a thread border (structured clone keeps
 * neither the class of an error nor its hint).
 */
import { UserError } from "../../base/errors.ts";

/** An error as plain data. */
export interface Failure {
  readonly message: string;
  readonly hint: string | undefined;
  readonly stack: string | undefined;
  readonly user: boolean;
}

/** An error as plain data that can be posted. */
export function packFailure(error: unknown): Failure {
  if (!(error instanceof Error))
    return { message: String(error), hint: undefined, stack: undefined, user: false };
  if (error instanceof UserError) return { ...error.marked, stack: error.stack, user: true };
  return { message: error.message, hint: undefined, stack: error.stack, user: false };
}

/** The error a `Failure` was made from; the stack of the other thread is its cause. */
export function unpackFailure(failure: Failure): Error {
  if (failure.user) return new UserError(failure.message, failure.hint);
  const cause = new Error("in the engine's thread");
  if (failure.stack) cause.stack = failure.stack;
  return new Error(failure.message, { cause });
}

const OUT_OF_MEMORY = /bad_alloc|failed to allocate|allocate memory|allocation failed|out of memory/i;

/**
 * `error` of ONNX Runtime with what was being done in front; running out of memory becomes a
 * `UserError`.
 */
export function explainFailure(doing: string, error: unknown): Error {
  const detail = (error instanceof Error ? error.message : String(error)).trim();
  if (OUT_OF_MEMORY.test(detail))
    return new UserError(
      `${doing}: not enough memory (${detail}).`,
      "Use a smaller batch, a narrower network or a lower resolution, or close other programs.",
      { cause: error },
    );
  return new Error(`${doing}: ${detail}`, { cause: error });
}
