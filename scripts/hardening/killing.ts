/**
 * Killing the program with SIGKILL, at a system call of one's choice (strace's injection) or after
 * some time, and looking at what is left. Used by kills.ts and by the tests.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const PROGRAM = resolve(import.meta.dirname, "../../bin/quarterturn.js");

/**
 * System calls by which files get their names, and by which they last: between them lies every
 * state that a kill can leave.
 */
export const CALLS = ["rename", "link", "fsync", "fdatasync", "mkdir"] as const;

/** A kill: at the n-th call of a kind (counted from 1), or after so many milliseconds. */
export type Kill =
  | { readonly call: (typeof CALLS)[number]; readonly when: number }
  | { readonly after: number };

/** How a command ended. */
export interface Ended {
  readonly killed: boolean;
  readonly code: number | null;
  readonly output: string;
}

/** Whether system calls can be injected here. */
export const canInject = (): boolean =>
  spawnSync("strace", ["-o", "/dev/null", "-e", "trace=rename", "true"]).status === 0;

/** A kill in words. */
export const describeKill = (kill: Kill): string =>
  "call" in kill ? `at ${kill.call} ${kill.when}` : `after ${kill.after} ms`;

/**
 * Run the program in `folder`, with a cache of its own there, and kill it on the way.
 * @param kill how; undefined lets it end by itself
 */
export async function runKilled(
  folder: string,
  args: readonly string[],
  kill: Kill | undefined,
): Promise<Ended> {
  const command = [process.execPath, PROGRAM, ...args];
  const injected = kill && "call" in kill ? injection(kill) : [];
  const [program = "", ...rest] = [...injected, ...command];
  const child = spawn(program, rest, {
    cwd: folder,
    // Calls are counted thread by thread: with one thread for files they come in one order.
    env: {
      ...process.env,
      QUARTERTURN_CACHE: join(folder, "cache"),
      NO_COLOR: "1",
      UV_THREADPOOL_SIZE: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const timer = kill && "after" in kill ? setTimeout(() => child.kill("SIGKILL"), kill.after) : undefined;
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, failed) => {
    child.once("error", failed);
    // Not "close": what the killed process had started may hold its streams.
    child.once("exit", (...end) => done(end));
  });
  clearTimeout(timer);
  return { killed: signal === "SIGKILL", code, output };
}

/** strace that kills with the n-th call; it ends as its program does. */
function injection({ call, when }: Extract<Kill, { call: string }>): string[] {
  // Different libraries and architectures use one or another of a family.
  const family = {
    rename: ["rename", "renameat", "renameat2"],
    link: ["link", "linkat"],
    fsync: ["fsync"],
    fdatasync: ["fdatasync"],
    mkdir: ["mkdir", "mkdirat"],
  }[call].map((name) => `?${name}`);
  const set = family.join(",");
  const inject = `inject=${set}:signal=SIGKILL:when=${when}`;
  return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${set}`, "-e", inject];
}

/** SHA-256 of the files of the last checkpoint of every run below a folder, by their paths. */
export function lastWeights(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const path of filesBelow(folder)) {
    const [, run, step, file] = /^(.*)\/checkpoints\/(\d+)\/(.*\.safetensors)$/.exec(path) ?? [];
    if (run === undefined || step === undefined) continue;
    const steps = readdirSync(join(folder, run, "checkpoints")).filter((name) => /^\d+$/.test(name));
    if (steps.some((other) => Number(other) > Number(step))) continue;
    found[`${run}/${step}/${file}`] = createHash("sha256")
      .update(readFileSync(join(folder, path)))
      .digest("hex");
  }
  return found;
}

/** What was left below a folder by processes that did not end in order. */
export const leftovers = (folder: string): string[] =>
  filesBelow(folder).filter((path) => /\.tmp$|(^|\/)lock\.json|\/\.(writing|removing|replaced)-/.test(path));

/** Paths of all files and folders, with `/`. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.map((name) => name.replaceAll("\\", "/")).sort();
}
