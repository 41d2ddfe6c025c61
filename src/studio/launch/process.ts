/** A process of this program whose lines are kept, for a page to show. */
import { type ChildProcess, spawn } from "node:child_process";
import { type ChildExit, exitOf } from "../../base/processes/child-exit.ts";
import { whenQuitting } from "../../base/processes/quit.ts";
import { withoutControls } from "../../base/text/printable.ts";

/** How it ended, in the words of the page. */
export type ProcessEnd = Exclude<ChildExit, "interrupted"> | "stopped";

/** A process that was started. */
export interface LaunchedProcess {
  readonly ended: Promise<ProcessEnd>;
  /** The latest lines that it printed. */
  lines(): readonly string[];
  /** Ask it to save and end. */
  stop(): void;
}

/** How to start one, replaceable for tests. @param command the program and its arguments */
export type StartProcess = (command: readonly string[]) => LaunchedProcess;

/** Lines that are kept, and characters of each. */
const MAX = { lines: 400, characters: 600 } as const;
/**
 * Start a process of its own group, so that a Ctrl-C in the studio's terminal does not reach it
 * twice.
 */
export const startProcess: StartProcess = ([program = process.execPath, ...rest]) => {
  const child: ChildProcess = spawn(program, rest, {
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const kept: string[] = [];
  for (const stream of [child.stdout, child.stderr]) keepLines(stream, kept);
  // A second Ctrl-C ends everything at once.
  const forget = whenQuitting(() => child.kill("SIGKILL"));
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once("error", (error) => {
      forget();
      kept.push(error.message);
      resolve("crashed");
    });
    child.once("close", (code) => {
      forget();
      const exit = exitOf(code);
      resolve(exit === "interrupted" ? "stopped" : exit);
    });
  });
  return { ended, lines: () => [...kept], stop: () => void child.kill("SIGTERM") };
};

function keepLines(stream: NodeJS.ReadableStream | null, kept: string[]): void {
  let rest = "";
  const keep = (line: string): void => {
    kept.push(withoutControls(line).slice(0, MAX.characters));
    if (kept.length > MAX.lines) kept.splice(0, kept.length - MAX.lines);
  };
  stream?.setEncoding("utf8");
  stream?.on("data", (text: string) => {
    const lines = `${rest}${text}`.split("\n");
    rest = (lines.pop() ?? "").slice(-MAX.characters);
    for (const line of lines) keep(line);
  });
  stream?.on("end", () => {
    if (rest !== "") keep(rest);
  });
}
