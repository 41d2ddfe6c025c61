/**
 * Watches this process from a thread of its own, which runs on when all others are stuck, and ends
 * the process when reading comes to no end, takes too much memory, or nobody is there any more to
 * read for. The verdict goes out beforehand by a pipe of its own.
 */
import { Worker } from "node:worker_threads";
import { progressMemory } from "../progress.ts";

/** How much may be taken before reading is given up. */
export interface ReaderLimits {
  /**
   * Seconds of computing, of all threads together, in which nothing gets done. Not of waiting: a
   * slow disk, a busy machine or a closed lid are no reason to give up. Half as many if it is our
   * own thread that is busy and hears nothing: no table or archive takes that long between two
   * turns, while a large picture may.
   */
  readonly seconds: number;
  /** Resident bytes. */
  readonly memory: number;
}

/** Why the process ended itself. */
export type EndReason = "endless" | "blocked" | "memory";

/** Where the verdict is written to. */
export const VERDICT_FD = 4;

/** Milliseconds between two looks. */
const EVERY = 200;

/** Counts of the state that the thread looks at. */
const WAITING = 0;
const BEATS = 1;

/** The thread, as plain JavaScript, since it is loaded without any file. */
const THREAD = `
const { workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const progress = new Int32Array(workerData.progress);
const state = new Int32Array(workerData.state);
const { seconds, memory, parent, fd, every } = workerData;
const end = (verdict) => {
  try { if (verdict) writeSync(fd, verdict); } catch {}
  process.kill(process.pid, "SIGKILL");
};
const computed = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const alive = () => { try { process.kill(parent, 0); return true; } catch (error) { return error.code === "EPERM"; } };
let done = -1, beats = -1, since = 0, sinceBeat = 0, looks = 0;
setInterval(() => {
  const now = computed();
  const [waiting, beat] = [Atomics.load(state, ${WAITING}), Atomics.load(state, ${BEATS})];
  const got = Atomics.load(progress, 0);
  if (got !== done || waiting === 0) { done = got; since = now; }
  if (beat !== beats) { beats = beat; sinceBeat = now; }
  if (now - Math.max(since, sinceBeat) > seconds / 2) end("blocked");
  if (now - since > seconds) end("endless");
  if (process.memoryUsage.rss() > memory) end("memory");
  if (++looks % 5 === 0 && (process.ppid !== parent || !alive())) end("");
}, every);
`;

/** Tells the watch what goes on. */
export interface Watch {
  /** So many questions are open. While there are none nothing needs to get done. */
  waiting(open: number): void;
}

/** Begins to watch. */
export function watchReader(limits: ReaderLimits): Watch {
  const state = new Int32Array(new SharedArrayBuffer(8));
  const workerData = {
    ...limits,
    ...{
      progress: progressMemory(),
      state: state.buffer,
      parent: process.ppid,
      fd: VERDICT_FD,
      every: EVERY,
    },
  };
  const thread = new Worker(THREAD, {
    eval: true,
    workerData,
    execArgv: [],
    name: "quarterturn-reader-watch",
  });
  thread.unref();
  // The heart of the thread that reads: it stands still while that is blocked.
  setInterval(() => Atomics.add(state, BEATS, 1), EVERY).unref();
  return { waiting: (open) => void Atomics.store(state, WAITING, open) };
}
