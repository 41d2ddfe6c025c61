/** Processes that answer messages, started from a file beside the caller's. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { loaderOf, moduleBeside } from "../base/modules.node.ts";

/**
 * Start such a process. It inherits the environment; what it prints is not shown.
 * @param name the file without its ending @param caller the caller's `import.meta.url`
 */
export function forkBeside(name: string, caller: string): ChildProcess {
  const module = moduleBeside(name, caller);
  const child = fork(fileURLToPath(module), [], {
    execArgv: loaderOf(module),
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
