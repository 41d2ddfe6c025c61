/**
 * Work in a process of its own that only answers in lines of JSON: graphics drivers may crash it,
 * hang it, and write to its terminal.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { callOf } from "../base/processes/modules.node.ts";

/** How such a process ended. */
export interface Ending {
  /**
   * What it printed, one value a line, to the last. Lines that are no JSON are a driver's: they are
   * left out.
   */
  readonly lines: readonly unknown[];
  /** Why it did not end by itself, or undefined. */
  readonly failure: string | undefined;
}

/**
 * Call an exported function of a module, in another process.
 * @param module URL of the module beside its caller, source or built
 * @param call for example `tryDevices(2)`
 * @param limit milliseconds after which the process is ended
 */
export async function runInSubprocess(module: URL, call: string, limit: number): Promise<Ending> {
  const child = spawn(process.execPath, callOf(module, call), {
    stdio: ["ignore", "pipe", "ignore"],
    timeout: limit,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(signal === "SIGKILL" ? "took too long" : `ended with ${signal ?? `code ${code}`}`);
    });
  });
  const lines: unknown[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    try {
      lines.push(JSON.parse(text));
    } catch {
      // Not said by the module.
    }
  }
  return { lines, failure: await ended };
}
