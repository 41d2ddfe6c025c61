/**
 * Calls to a worker: a handler a name on its side, a promise a call on the page's. A `UserError`
 * arrives as one, and a worker that dies rejects everything that waits for it.
 */
import { UserError } from "../../src/base/errors.ts";

/** What a worker can be asked. */
// biome-ignore lint/suspicious/noExplicitAny: parameters are contravariant, so `unknown` would accept no handler at all
export type Handlers = Readonly<Record<string, (...args: any[]) => unknown>>;

interface Request {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

interface Failure {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly user: boolean;
}

type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure }
  | { readonly event: unknown };

/** The page's side. */
export interface Connection<H extends Handlers> {
  call<K extends keyof H & string>(name: K, ...args: Parameters<H[K]>): Promise<Awaited<ReturnType<H[K]>>>;
  /** End the worker; what waits is rejected. */
  end(): void;
}

/** Connect to a worker that calls `serve` with handlers of type `H`. */
export function connect<H extends Handlers, Event = never>(
  worker: Worker,
  onEvent: (event: Event) => void = () => undefined,
): Connection<H> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let next = 0;
  const failAll = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    if ("event" in data) return onEvent(data.event as Event);
    const entry = waiting.get(data.id);
    waiting.delete(data.id);
    if ("failure" in data) entry?.reject(unpack(data.failure));
    else entry?.resolve(data.value);
  };
  worker.onerror = (event) => {
    failAll(new Error(`The worker failed: ${event.message || "it could not be loaded"}`));
  };
  return {
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        worker.postMessage({ id, name, args } satisfies Request);
      }),
    end() {
      worker.terminate();
      failAll(new Error("The worker was ended."));
    },
  };
}

/** The worker's side: answer calls. @returns sends an event to the page */
export function serve<Event = never>(handlers: Handlers): (event: Event) => void {
  self.onmessage = async ({ data: { id, name, args } }: MessageEvent<Request>) => {
    try {
      self.postMessage({ id, value: await handlers[name]!(...args) } satisfies Reply);
    } catch (error) {
      self.postMessage({ id, failure: pack(error) } satisfies Reply);
    }
  };
  return (event) => self.postMessage({ event } satisfies Reply);
}

function pack(error: unknown): Failure {
  if (error instanceof UserError) return { message: error.message, hint: error.hint, user: true };
  if (!(error instanceof Error)) return { message: String(error), user: false };
  console.error(error);
  return { message: error.message, user: false };
}

const unpack = ({ message, hint, user }: Failure): Error =>
  user ? new UserError(message, hint) : new Error(message);
