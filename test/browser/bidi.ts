/**
 * A Firefox of the system over WebDriver BiDi (w3.org/TR/webdriver-bidi), which it speaks by
 * itself. Playwright drives such a one too, but needs a newer one than Debian has: it sets the
 * preferred color scheme of every page by a command that Firefox 153 does not know.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

/** A tab of the browser. */
export interface BidiPage {
  /** Errors and warnings of its console, and exceptions. */
  readonly complaints: readonly string[];
  /** Go to an address, and wait until all of it is there. */
  goto(address: string): Promise<void>;
  /**
   * Wait until an expression of the page's JavaScript is something.
   * @returns what it is then, which JSON must have a form for
   */
  until(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

/** A browser that is driven by WebDriver BiDi. */
export interface BidiBrowser {
  open(): Promise<BidiPage>;
  close(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly error?: string;
  readonly message?: string;
  readonly result?: unknown;
  readonly method?: string;
  readonly params?: {
    readonly level: string;
    readonly text: string | null;
    readonly source: { readonly context?: string };
  };
}

/** Start it, without a window, on a profile of its own. */
export async function launchFirefox(executablePath: string): Promise<BidiBrowser> {
  const profile = mkdtempSync(join(tmpdir(), "quarterturn-firefox-"));
  const child = spawn(
    executablePath,
    ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"],
    // It refuses a home of somebody else's, which root often has.
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: profile } },
  );
  const ended = once(child, "exit");
  const socket = new WebSocket(`${await addressIn(child.stderr, ended)}/session`);
  await once(socket, "open");
  let next = 0;
  const waiting = new Map<number, (message: Message) => void>();
  const complaints = new Map<string, string[]>();
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    const { level, text, source } = message.params ?? {};
    if (message.method === "log.entryAdded" && (level === "error" || level === "warn"))
      complaints.get(source?.context ?? "")?.push(text ?? "");
  });
  const send = async <T>(method: string, params: object): Promise<T> => {
    const id = next++;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { error, message, result } = await answer;
    waiting.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error}: ${message}`);
    return result as T;
  };
  await send("session.new", { capabilities: {} });
  await send("session.subscribe", { events: ["log.entryAdded"] });
  return {
    async open() {
      const { context } = await send<{ context: string }>("browsingContext.create", { type: "tab" });
      const said: string[] = [];
      complaints.set(context, said);
      return {
        complaints: said,
        goto: (url) => send("browsingContext.navigate", { context, url, wait: "complete" }),
        async until(expression) {
          const look = `new Promise((done) => (function look() {
            const found = (${expression});
            if (found) done(JSON.stringify(found)); else setTimeout(look, 50);
          })())`;
          const { result, exceptionDetails } = await send<{
            result?: { value: string };
            exceptionDetails?: { text: string };
          }>("script.evaluate", { expression: look, target: { context }, awaitPromise: true });
          if (!result) throw new Error(`${expression}: ${exceptionDetails?.text}`);
          return JSON.parse(result.value) as unknown;
        },
        close: () => send("browsingContext.close", { context }),
      };
    },
    async close() {
      socket.terminate();
      child.kill("SIGTERM");
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The address that Firefox prints once it listens. */
async function addressIn(stderr: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<string> {
  let printed = "";
  return new Promise((resolve, reject) => {
    stderr.on("data", (data: Buffer) => {
      printed += data.toString();
      const found = /WebDriver BiDi listening on (ws:\S+)/.exec(printed);
      if (found) resolve(found[1]!);
    });
    void ended.then(() => reject(new Error(`Firefox ended:\n${printed}`)));
  });
}
