/**
 * Tests that need a program or a user that may not be there. Where it is missing they are skipped,
 * and the reason is part of their name: the reporter collects the reasons at the end of the run.
 */
import { describe } from "vitest";

const MARK = / \[skipped: ([^\]]+)\]/;

/**
 * A suite that needs something.
 * @param missing what is not there and how to get it, in words without brackets; undefined where
 *   all is there
 */
export function describeWith(missing: string | undefined, name: string, body: () => void): void {
  if (missing === undefined) describe(name, body);
  else describe.skip(`${name} [skipped: ${missing}]`, body);
}

/** The reason in the full name of a test that {@link describeWith} skipped. */
export function reasonIn(fullName: string): string | undefined {
  return MARK.exec(fullName)?.[1];
}

/** Said where there is no ordinary user to run the program as. */
export const NO_USER =
  "no user whom permissions hold back (root that may run the program as nobody, or not root)";
