/** First contact with a PostgreSQL server. */
import { Client, DatabaseError } from "pg";

/** PostgreSQL is starting up or shutting down: it will answer. */
const NOT_YET = new Set(["57P01", "57P02", "57P03", "53300"]);

/** Whether an error is the server's answer that it will not have us. */
export const refuses = (error: Error): boolean =>
  error instanceof DatabaseError && !NOT_YET.has(error.code ?? "");

/** Connect to PostgreSQL once and close the connection. @param milliseconds the attempt may take */
export async function contact(url: string, milliseconds: number, signal: AbortSignal): Promise<"answered"> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: milliseconds });
  client.on("error", () => undefined);
  signal.addEventListener("abort", () => void client.end().catch(() => undefined), { once: true });
  try {
    await client.connect();
    return "answered";
  } finally {
    await client.end().catch(() => undefined);
  }
}
