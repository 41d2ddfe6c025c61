/** First contact with a Redis or Valkey server. */
import { Redis, ReplyError } from "ioredis";

/**
 * What Redis says to those whom it does not know; everything else (still loading, too many clients)
 * passes.
 */
const UNKNOWN_USER =
  /^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR wrong number of arguments for 'auth')/;

/** Whether an error is the server's answer that it will not have us. */
export const refuses = (error: Error): boolean =>
  error instanceof ReplyError && UNKNOWN_USER.test(error.message);

/** Connect to Redis once and close the connection. @param milliseconds the attempt may take */
export async function contact(url: string, milliseconds: number, signal: AbortSignal): Promise<"answered"> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: milliseconds,
  });
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
