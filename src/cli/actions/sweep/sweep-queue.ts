/** `sweep --queue` and `worker`: what both need to know of a queue. */
import { FAREWELL } from "../../../app/sweep/queue.ts";
import { checkQueueUrl } from "../../../sweep/queue-address.ts";
import type { CommandOptions } from "../../command.ts";

/**
 * The queue's address: `--queue`, or the environment, which does not show in lists of processes.
 */
export function queueUrl(options: CommandOptions): string | undefined {
  // biome-ignore lint/complexity/useLiteralKeys: an index signature
  const url = options.text("queue") ?? process.env["QUARTERTURN_QUEUE"];
  if (url === undefined || url === "") return undefined;
  checkQueueUrl(url);
  return url;
}

/**
 * A client whose server is away, or does not answer, cannot always be closed and would keep the
 * process. So when a command has nothing left to do, its process is ended if it does not end by
 * itself: the timer does not keep it either.
 */
export const endDespiteConnections = (): void => void setTimeout(() => process.exit(), FAREWELL).unref();
