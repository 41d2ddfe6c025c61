/**
 * What watching costs a training: its speed alone, with 1,000 programs that ask for live news of
 * it, and whether pages are answered while 3,000 wait. The watchers are in a process of their own,
 * but on the same cores: where a machine has two, part of what is lost is theirs. So the speeds are
 * compared in turns, and the CPU time of the training's process is printed beside them.
 *
 *     npm run --silent build && npx tsx scripts/hardening/watchers.ts [watchers] [seconds]
 *
 * Fails when less than nine tenths of the speed are left or a page is not answered within five
 * seconds.
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";

const KEEP = 0.9;
const ANSWER_WITHIN = 5000;
const ROUNDS = 3;
const CLI = resolve(import.meta.dirname, "../../bin/quarterturn.js");

/**
 * Ask for live news with so many connections; who is turned away asks again when it was told to.
 */
function watchAll(address: string, count: number): void {
  const watch = (): void => {
    const again = (): void => void globalThis.setTimeout(watch, 10_000);
    get(`${address}api/live?run=watched`, (response) => {
      response.resume().on("close", again);
    }).on("error", again);
  };
  for (let i = 0; i < count; i++) watch();
}

async function measure(watchers: number, seconds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarterturn-watchers-"));
  const training = spawn(
    process.execPath,
    [
      ...[CLI, "train", "--run", "runs/watched", "--steps", "1000000"],
      ...["--set", "generator.width=8", "--set", "discriminator.width=8", "--set", "training.batchSize=16"],
      ...["--set", "training.checkpointEvery=1000000", "--threads", "1"],
    ],
    { cwd: folder, stdio: ["ignore", "pipe", "inherit"] },
  );
  let clients: ChildProcess | undefined;
  try {
    const address = await addressOf(training);
    const record = join(folder, "runs", "watched", "metrics.jsonl");
    while ((await stepsIn(record)) < 20) await setTimeout(200);
    const alone: number[] = [];
    const watched: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(await speed(record, training.pid!, seconds, "alone"));
      clients = fork(import.meta.filename, ["--watch", address, String(watchers)]);
      await setTimeout(3000);
      watched.push(await speed(record, training.pid!, seconds, `${watchers} watch`));
      await stop(clients);
      await setTimeout(1000);
    }
    const kept = median(watched) / median(alone);
    console.log(`${(100 * kept).toFixed(0)}% of the speed are kept with ${watchers} who watch`);

    clients = fork(import.meta.filename, ["--watch", address, String(3 * watchers)]);
    await setTimeout(3000);
    let slowest = 0;
    for (let i = 0; i < 10; i++) {
      const began = performance.now();
      const answer = await fetch(`${address}api/runs`);
      await answer.text();
      slowest = Math.max(slowest, performance.now() - began);
      if (!answer.ok) throw new Error(`GET /api/runs: ${answer.status}`);
    }
    console.log(`GET /api/runs while ${3 * watchers} wait: ${slowest.toFixed(0)} ms at the most, of ten`);
    await stop(clients);
    console.log(`memory of the training's process afterwards: ${await memory(training.pid!)} MB`);
    if (kept < KEEP || slowest > ANSWER_WITHIN) process.exitCode = 1;
  } finally {
    if (clients) await stop(clients);
    await stop(training);
    await rm(folder, { recursive: true, force: true });
  }
}

async function stop(child: ChildProcess): Promise<void> {
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

const stepsIn = async (record: string): Promise<number> =>
  ((await readFile(record, "utf8").catch(() => "")).match(/"kind":"step"/g) ?? []).length;

async function speed(record: string, pid: number, seconds: number, what: string): Promise<number> {
  const [steps, cpu, began] = [await stepsIn(record), await cpuSeconds(pid), performance.now()];
  await setTimeout(1000 * seconds);
  const took = (performance.now() - began) / 1000;
  const perSecond = ((await stepsIn(record)) - steps) / took;
  const used = ((await cpuSeconds(pid)) - cpu) / took;
  console.log(
    `${what}: ${perSecond.toFixed(2)} steps/s, ${used.toFixed(2)} cores of CPU in the training's process, ${await memory(pid)} MB`,
  );
  return perSecond;
}

/** Processor time of a process so far; 0 where /proc does not tell. */
async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

/** Resident memory of a process in MB; ? where /proc does not tell. */
async function memory(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /VmRSS:\s+(\d+)/.exec(text)?.[1];
  return kilobytes === undefined ? "?" : (Number(kilobytes) / 1000).toFixed(0);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

if (process.argv[2] === "--watch") watchAll(process.argv[3]!, Number(process.argv[4]));
else await measure(Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 15));
