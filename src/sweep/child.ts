/**
 * One point of a sweep as a child process of its own: `quarterturn train --run DIR`, which begins,
 * goes on, or is done at once. What the child has reached is read from the run folder, not from
 * what it prints.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { exitOf, lastError } from "../base/processes/child-exit.ts";
import { memoryOf } from "../base/processes/process.node.ts";
import { whenQuitting } from "../base/processes/quit.ts";

/** How a child ended. */
export type ChildEnd =
  | { readonly kind: "done" }
  /** The point itself is wrong: trying again would not help. */
  | { readonly kind: "refused"; readonly message: string }
  /** Saved after a signal. */
  | { readonly kind: "interrupted" }
  | { readonly kind: "crashed"; readonly message: string };

/** A running point. */
export interface Child {
  readonly pid: number | undefined;
  readonly ended: Promise<ChildEnd>;
  /** Ask for an orderly end: it saves and exits. */
  stop(): void;
}

/**
 * Environment variables by name. Spelled out, as programs that use the package read this type too
 * and may not have Node's.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How to start a child, replaceable for tests. */
export type StartChild = (command: readonly string[], environment: Environment) => Child;

const TAIL = 4000;

/** Start a process whose exit codes are the command line's. */
export const startChild: StartChild = (command, environment) => {
  const [program = process.execPath, ...rest] = command;
  const child: ChildProcess = spawn(program, rest, {
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
    // Ctrl-C reaches the whole group of a terminal; the pool alone decides when children end.
    detached: true,
  });
  let tail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-TAIL);
  });
  const forget = whenQuitting(() => child.kill("SIGKILL"));
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once("error", (error) => {
      forget();
      resolve({ kind: "crashed", message: error.message });
    });
    child.once("close", (code, signal) => {
      forget();
      resolve(explainExit(code, signal, tail));
    });
  });
  return { pid: child.pid, ended, stop: () => void child.kill("SIGTERM") };
};

/** From a child's exit code, signal and last words. */
export function explainExit(code: number | null, signal: string | null, tail: string): ChildEnd {
  const kind = exitOf(code);
  if (kind === "done" || kind === "interrupted") return { kind };
  const words = lastError(tail);
  if (kind === "refused") return { kind, message: words || "it was refused" };
  return { kind, message: signal ? `ended by ${signal}` : words || `exit code ${code}` };
}

/** The most memory a process has used so far in bytes; undefined where the system does not say. */
export const peakMemory = (pid: number | undefined): number | undefined =>
  pid === undefined ? undefined : memoryOf(pid)?.peak;
