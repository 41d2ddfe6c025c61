/** A training with its page, for measurements of who watches it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { memoryOf, processorSecondsOf } from "../../src/base/processes/process.node.ts";
import { formatBytes } from "../../src/base/text/format/index.ts";

const CLI = resolve(import.meta.dirname, "../../bin/quarterturn.js");

/** A training that goes on until it is stopped. */
export interface LiveRun {
  readonly training: ChildProcess;
  /** Of its page: `http://127.0.0.1:4750/` */
  readonly address: string;
  /** Its name there. */
  readonly name: string;
  /** Path of its metrics.jsonl. */
  readonly record: string;
}

/**
 * Train the smallest networks on one thread in `folder`, and wait for the first steps.
 * @param settings other values: `training.sampleEvery=50`
 * @throws Error when the training ends instead
 */
export async function startLiveRun(folder: string, settings: readonly string[] = []): Promise<LiveRun> {
  const name = "watched";
  const training = spawn(
    process.execPath,
    [
      ...[CLI, "train", "--run", `runs/${name}`, "--steps", "1000000"],
      ...["--set", "generator.width=8", "--set", "discriminator.width=8", "--set", "training.batchSize=16"],
      ...["--set", "training.checkpointEvery=1000000", "--threads", "1"],
      ...settings.flatMap((value) => ["--set", value]),
    ],
    { cwd: folder, stdio: ["ignore", "pipe", "inherit"] },
  );
  const address = await addressOf(training);
  const record = join(folder, "runs", name, "metrics.jsonl");
  while ((await stepsIn(record)) < 20) await setTimeout(200);
  return { training, address, name, record };
}

/** Kill a process, and wait until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

async function addressOf(training: ChildProcess): Promise<string> {
  let printed = "";
  for await (const text of training.stdout!) {
    printed += text;
    const found = /studio +(http:[^#\s]+)/.exec(printed)?.[1];
    if (!found) continue;
    // What it says from now on is nobody's business, but must not fill the pipe.
    training.stdout!.resume();
    return found;
  }
  throw new Error(`The training ended: ${printed}`);
}

/** Steps that a record holds. */
const stepsIn = async (record: string): Promise<number> =>
  ((await readFile(record, "utf8").catch(() => "")).match(/"kind":"step"/g) ?? []).length;

/** Steps a second in the `seconds` that follow, printed with processor time and memory. */
export async function speed(record: string, pid: number, seconds: number, what: string): Promise<number> {
  const [steps, cpu, began] = [await stepsIn(record), cpuSeconds(pid), performance.now()];
  await setTimeout(1000 * seconds);
  const took = (performance.now() - began) / 1000;
  const perSecond = ((await stepsIn(record)) - steps) / took;
  const used = (cpuSeconds(pid) - cpu) / took;
  console.log(
    `${what}: ${perSecond.toFixed(2)} steps/s, ${used.toFixed(2)} cores of CPU in the training's process, ${memory(pid)}`,
  );
  return perSecond;
}

/** Processor time of a process so far, in seconds; 0 where the system does not tell. */
const cpuSeconds = (pid: number): number => processorSecondsOf(pid) ?? 0;

/** Resident memory of a process, as text; ? where the system does not tell. */
export function memory(pid: number): string {
  const found = memoryOf(pid);
  return found ? formatBytes(found.now) : "?";
}
