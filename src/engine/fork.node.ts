/** Processes that answer messages, started from a file beside the caller's. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { loaderOf, moduleBeside } from "../base/processes/modules.node.ts";

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

/** Node's longest interval, in milliseconds. */
const LONG = 2 ** 31 - 1;

/**
 * A way to wait until a child is gone, and its pipes with it. The wait keeps this process alive by
 * itself: between the child's end and the end of its pipes, whoever heard of the former has let go
 * of the child already.
 */
export function whenGone(child: ChildProcess): () => Promise<void> {
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return async () => {
    const alive = setInterval(() => undefined, LONG);
    await gone;
    clearInterval(alive);
  };
}
