/**
 * Waiting for a queue's database. Redis's client waits by itself; BullMQ on PostgreSQL makes one attempt and keeps its failure for good, so
 * the first contact is made here.
 */
import { setTimeout } from "node:timers/promises";
import { Client, DatabaseError } from "pg";
import { UserError } from "../base/errors.ts";
import { isPostgres, redactUrl } from "./queue.ts";

/** How to wait. */
export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Told of every attempt that failed. */
  readonly onTrouble: (error: Error) => void;
  /** Milliseconds between attempts. */
  readonly pause?: number;
}

/** The server is starting up or shutting down: it will answer. */
const NOT_YET = new Set(["57P01", "57P02", "57P03", "53300"]);

/**
 * Wait until the queue's server answers, or `signal` is aborted.
 * @throws UserError when it answers that it will not have us: a wrong password, no such database
 */
export async function waitForQueue(
  url: string,
  { signal, onTrouble, pause = 1000 }: WaitOptions,
): Promise<void> {
  if (!isPostgres(url)) return;
  while (!signal.aborted) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error instanceof DatabaseError && !NOT_YET.has(error.code ?? ""))
        throw new UserError(
          `The queue at ${redactUrl(url)} refuses: ${error.message}.`,
          "Check user, password and database in its address.",
          { cause: error },
        );
      onTrouble(error);
    } finally {
      await client.end().catch(() => undefined);
    }
    await setTimeout(pause, undefined, { signal }).catch(() => undefined);
  }
}
