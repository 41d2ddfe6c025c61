/**
 * Waiting for a queue's server before the queue is opened: BullMQ on PostgreSQL makes one attempt
 * and keeps its failure for good, and on Redis neither a command nor closing comes to an end before
 * the first connection. Once it was reached, BullMQ waits for it by itself.
 */
import { setTimeout } from "node:timers/promises";
import { UserError } from "../base/errors.ts";
import { withoutSecrets } from "../base/text/secrets.ts";
import { unlessAborted, within } from "../base/timeout.ts";
import { isPostgres } from "./queue-address.ts";

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

/**
 * Wait until the queue's server answers, or `signal` is aborted.
 * @throws UserError when it answers that it will not have us: a wrong password, no such database
 */
export async function waitForQueue(
  url: string,
  { signal, onTrouble, pause = 1000 }: WaitOptions,
): Promise<void> {
  const { contact, refuses } = isPostgres(url)
    ? await import("./contact-postgres.ts")
    : await import("./contact-redis.ts");
  while (!signal.aborted) {
    try {
      const over = new AbortController();
      const attempt = within(contact(url, ATTEMPT, over.signal), ATTEMPT).finally(() => over.abort());
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
