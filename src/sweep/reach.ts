/**
 * Waiting for a queue's server before the queue is opened: BullMQ on PostgreSQL makes one attempt and keeps its failure for good, and on Redis
 * neither a command nor closing comes to an end before the first connection. Once it was reached, BullMQ waits for it by itself.
 */
import { setTimeout } from "node:timers/promises";
import { Redis, ReplyError } from "ioredis";
import { Client, DatabaseError } from "pg";
import { UserError } from "../base/errors.ts";
import { unlessAborted, within } from "../base/patience.ts";
import { withoutSecrets } from "../base/secrets.ts";
import { isPostgres } from "./queue.ts";

/** How to wait. */
export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Told of every attempt that failed. */
  readonly onTrouble: (error: Error) => void;
  /** Milliseconds between attempts. */
  readonly pause?: number;
}

/** Milliseconds an attempt may take. */
const ATTEMPT = 10_000;

/** PostgreSQL is starting up or shutting down: it will answer. */
const NOT_YET = new Set(["57P01", "57P02", "57P03", "53300"]);

/** What Redis says to those whom it does not know; everything else (still loading, too many clients) passes. */
const UNKNOWN_USER =
  /^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR wrong number of arguments for 'auth')/;

/**
 * Wait until the queue's server answers, or `signal` is aborted.
 * @throws UserError when it answers that it will not have us: a wrong password, no such database
 */
export async function waitForQueue(
  url: string,
  { signal, onTrouble, pause = 1000 }: WaitOptions,
): Promise<void> {
  const contact = isPostgres(url) ? contactPostgres : contactRedis;
  while (!signal.aborted) {
    try {
      const over = new AbortController();
      const attempt = within(contact(url, over.signal), ATTEMPT).finally(() => over.abort());
      const answer = await unlessAborted(attempt, signal);
      over.abort();
      if (answer === "answered") return;
      if (!signal.aborted) onTrouble(new Error(`no answer from ${withoutSecrets(url)}`));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (refuses(error))
        throw new UserError(
          `The queue at ${withoutSecrets(url)} refuses: ${error.message.replace(/\.$/, "")}.`,
          "Check user, password and database in its address.",
          { cause: error },
        );
      onTrouble(error);
    }
    await setTimeout(pause, undefined, { signal }).catch(() => undefined);
  }
}

const refuses = (error: Error): boolean =>
  error instanceof DatabaseError
    ? !NOT_YET.has(error.code ?? "")
    : error instanceof ReplyError && UNKNOWN_USER.test(error.message);

async function contactPostgres(url: string, signal: AbortSignal): Promise<"answered"> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: ATTEMPT });
  client.on("error", () => undefined);
  signal.addEventListener("abort", () => void client.end().catch(() => undefined), { once: true });
  try {
    await client.connect();
    return "answered";
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function contactRedis(url: string, signal: AbortSignal): Promise<"answered"> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: ATTEMPT });
  let reason: Error | undefined;
  // What `connect` throws says only that there is no connection.
  client.on("error", (error: Error) => {
    reason ??= error;
  });
  const leave = (): void => client.disconnect();
  signal.addEventListener("abort", leave, { once: true });
  try {
    await client.connect();
    return "answered";
  } catch (error) {
    throw reason ?? error;
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
}
