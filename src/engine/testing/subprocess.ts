/** What the tests of apart.node.ts have done elsewhere. */
import { writeSync } from "node:fs";

/** Answers, writes to the terminal and among the answers as drivers do, and ends well. */
export async function answer(value: number): Promise<void> {
  writeSync(2, "a warning of a driver\n");
  writeSync(1, "MESA: a warning where answers should be\n");
  console.log(JSON.stringify({ value }));
}

/** Answers, and ends as a driver's mistake ends a process. */
export async function crash(): Promise<void> {
  writeSync(1, '{"value":1}\n');
  process.kill(process.pid, "SIGSEGV");
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}

/** Takes longer than any test waits. */
export async function hang(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}
