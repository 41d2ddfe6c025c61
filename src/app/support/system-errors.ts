/**
 * What the operating system refuses is not a bug in this program: said in words, with what to do.
 */
import { UserError } from "../../base/errors.ts";
import { systemProblem } from "../../base/system-problems.ts";

/** Calls that are about connections: a network disk is not what does not answer there. */
const CONNECTIONS = /^(connect|getaddrinfo|listen|bind|accept|getsockopt|setsockopt|querySrv)/;

/** The `UserError` for a system error about a file; undefined for every other error. */
export function explainSystemError(error: unknown): UserError | undefined {
  if (!(error instanceof Error) || !("syscall" in error)) return undefined;
  const { code, path, syscall = "" } = error as NodeJS.ErrnoException;
  const problem = CONNECTIONS.test(syscall) ? undefined : systemProblem(code);
  if (!problem) return undefined;
  return new UserError(`${path ?? syscall}: ${problem.what} (${code}).`, problem.remedy, { cause: error });
}
