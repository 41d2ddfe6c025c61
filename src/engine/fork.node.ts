/** Processes that answer messages, started from a file beside the caller's. */
import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Start such a process. It inherits the environment; what it prints is not shown.
 * @param name the file without its ending @param caller the caller's `import.meta.url`
 */
export function forkBeside(name: string, caller: string): ChildProcess {
  const child = fork(fileURLToPath(new URL(`./${name}${extname(caller)}`, caller)), [], {
    execArgv: caller.endsWith(".ts") ? ["--import", import.meta.resolve("tsx")] : [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  hold(child, false);
  return child;
}

/** Whether the child keeps this process alive: only while it is asked something. */
export function hold(child: ChildProcess, waiting: boolean): void {
  if (waiting) {
    child.ref();
    child.channel?.ref();
  } else {
    child.unref();
    child.channel?.unref();
  }
}
