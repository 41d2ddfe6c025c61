/** The address and the name of a queue, without loading any client for one. */
import { UserError } from "../base/errors.ts";

/** Name of the queue unless the user chose another. */
export const QUEUE_NAME = "quarterturn";

const SCHEMES = ["redis:", "rediss:", "postgres:", "postgresql:"] as const;

/**
 * The address of a queue, if it is one.
 * @throws UserError for something that is no connection string of a known kind; the message does
 * not repeat it
 */
export function checkQueueUrl(url: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new UserError(
      "The queue's address is not a URL.",
      "For example: redis://localhost:6379 or postgres://localhost/quarterturn",
    );
  }
  if (!(SCHEMES as readonly string[]).includes(parsed.protocol))
    throw new UserError(
      `A queue cannot be reached by ${parsed.protocol}//`,
      "Use redis:// (or rediss:// with TLS) for Redis and Valkey, postgres:// for PostgreSQL.",
    );
  return parsed;
}

/** Whether a queue is kept in PostgreSQL. */
export const isPostgres = (url: string): boolean => checkQueueUrl(url).protocol.startsWith("postgres");
