/** Errors in the words of the page. */
import { UserError } from "../../src/base/errors.ts";

/** Something went wrong: what, and what to do. */
export interface Problem {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What to show of an error. */
export const problemOf = (error: unknown): Problem =>
  error instanceof UserError
    ? { message: error.message, hint: error.hint }
    : { message: error instanceof Error ? error.message : String(error) };
