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
import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { median } from "../../src/base/math/statistics.ts";
import { memory, speed, startLiveRun, stop } from "./live-run.ts";

const KEEP = 0.9;
const ANSWER_WITHIN = 5000;
const ROUNDS = 3;

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
  const { training, address, record } = await startLiveRun(folder);
  let clients: ChildProcess | undefined;
  try {
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
    const kept = median(watched)! / median(alone)!;
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
    console.log(`memory of the training's process afterwards: ${memory(training.pid!)}`);
    if (kept < KEEP || slowest > ANSWER_WITHIN) process.exitCode = 1;
  } finally {
    if (clients) await stop(clients);
    await stop(training);
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === "--watch") watchAll(process.argv[3]!, Number(process.argv[4]));
else await measure(Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 15));
