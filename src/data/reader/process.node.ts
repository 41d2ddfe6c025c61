/** A process that reads data, from outside: started, asked, and ended at any moment. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { callOf, moduleBeside } from "../../base/processes/modules.node.ts";
import { memoryLimitBytes } from "../../engine/devices/cpu.node.ts";
import { type Answer, type Asked, fromWire, type Question } from "./protocol.ts";
import { type EndReason, type ReaderLimits, VERDICT_FD } from "./watch.node.ts";

/** How a reader came to its end by itself. */
export class ReaderEnded extends Error {
  override readonly name = "ReaderEnded";
  /** What it ended itself for; undefined if it crashed. */
  readonly verdict: EndReason | undefined;

  constructor(message: string, verdict: EndReason | undefined) {
    super(message);
    this.verdict = verdict;
  }
}

/** Limits unless others are given: memory is most of what this machine, or this container, has. */
export function defaultLimits(): ReaderLimits {
  return { seconds: 60, memory: Math.min(8 * 2 ** 30, 0.75 * memoryLimitBytes()) };
}

/** What comes of a question. */
interface Open {
  readonly onAnswer: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

/** A running reader. */
export interface Reader {
  /**
   * Ask it something.
   * @param onAnswer told of every answer; true ends the question
   * @throws ReaderEnded when it ends by itself; what `end` was given when it is ended; what the
   *   question fails with
   */
  ask(question: Asked, onAnswer: (answer: Answer) => boolean): Promise<void>;
  /** End it at once; open questions fail with `reason`. */
  end(reason: unknown): void;
  readonly ended: boolean;
  /** Its number; undefined if it could not be started. */
  readonly pid: number | undefined;
}

/**
 * Start one. It does not keep this process alive while it is asked nothing, and does not outlive
 * it.
 */
export function startReader(limits: ReaderLimits): Reader {
  const child = spawn(process.execPath, commandLine(limits), {
    stdio: ["ignore", "ignore", "pipe", "ipc", "pipe"],
    serialization: "advanced",
    // A group of its own: Ctrl-C is for the process that asks, which decides.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const open = new Map<number, Open>();
  const verdict = lastOf(child.stdio[VERDICT_FD] as Readable);
  const words = lastOf(child.stderr!);
  let last = 0;
  let over: { readonly reason: unknown } | undefined;

  const finish = (reason: unknown): void => {
    over ??= { reason };
    for (const { fail } of open.values()) fail(over.reason);
    open.clear();
    hold(child, false);
  };
  child.on("message", (answer: Answer) => open.get(answer.number)?.onAnswer(answer));
  child.on("error", (error) => finish(error));
  child.on("close", (code, signal) =>
    finish(new ReaderEnded(howItEnded(code, signal, words()), verdictOf(verdict()))),
  );
  hold(child, false);
  return {
    pid: child.pid,
    get ended() {
      return over !== undefined;
    },
    ask(question, onAnswer) {
      if (over) return Promise.reject(over.reason);
      const number = ++last;
      return new Promise<void>((resolve, reject) => {
        const through = (settle: () => void): void => {
          open.delete(number);
          if (open.size === 0) hold(child, false);
          settle();
        };
        open.set(number, {
          onAnswer(answer) {
            if (answer.say === "failed") through(() => reject(fromWire(answer.error)));
            else if (onAnswer(answer)) through(resolve);
          },
          fail: reject,
        });
        hold(child, true);
        const sent: Question = { ...question, number };
        // Of one that is gone, "close" tells.
        child.send(sent, () => undefined);
      });
    },
    end(reason) {
      finish(reason);
      child.kill("SIGKILL");
    },
  };
}

/** Whether the child keeps this process alive. */
function hold(child: ChildProcess, held: boolean): void {
  const pipes = [child.stderr, child.stdio[VERDICT_FD]] as unknown as { ref?(): void; unref?(): void }[];
  for (const each of [child, child.channel, ...pipes]) {
    if (held) each?.ref?.();
    else each?.unref?.();
  }
}

/** Node with this module's neighbor, built or as source. */
const commandLine = (limits: ReaderLimits): string[] =>
  callOf(moduleBeside("serve.node", import.meta.url), `serveReader(${JSON.stringify(limits)})`);

/** Collects what a pipe says, the end of it. */
export function lastOf(pipe: Readable): () => string {
  let text = "";
  pipe.setEncoding("utf8").on("data", (more: string) => {
    text = (text + more).slice(-4000);
  });
  pipe.on("error", () => undefined);
  return () => text;
}

function verdictOf(text: string): EndReason | undefined {
  return (["endless", "blocked", "memory"] as const).find((each) => each === text);
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null, words: string): string {
  const how = signal ?? `code ${code}`;
  const line = words.split("\n").find((each) => /error|fatal/i.test(each));
  return line === undefined ? how : `${how}: ${line.trim()}`;
}
