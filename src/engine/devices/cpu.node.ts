/**
 * What this process may really use: cores (CPU affinity and cgroup quota) and memory. More threads
 * than cores make every operator wait for the one that was not scheduled.
 */
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { memoryOf, processorSecondsOf } from "../../base/processes/process.node.ts";
import { cgroupLimits, type ReadFile } from "./cgroups.ts";

const readText: ReadFile = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/**
 * Cores this process may use, at least 1: its CPU affinity, cut by the cgroup CPU quota (rounded
 * up).
 */
export function availableThreads(read: ReadFile = readText, affinity = availableParallelism()): number {
  const { cpus = Number.POSITIVE_INFINITY } = cgroupLimits(read);
  return Math.max(1, Math.min(affinity, Math.ceil(cpus)));
}

/** Bytes of memory this process may use: physical memory, cut by the cgroup limit. */
export function memoryLimitBytes(read: ReadFile = readText, physical = totalmem()): number {
  return Math.min(physical, cgroupLimits(read).memoryBytes ?? Number.POSITIVE_INFINITY);
}

/**
 * Resident memory of this process (all threads) in bytes: now, and the highest so far.
 * @param beside id of the engine's process, if it has one of its own: what it has is added, where
 * the system tells
 */
export function residentMemory(beside?: number): { readonly now: number; readonly peak: number } {
  const other = beside === undefined ? undefined : memoryOf(beside);
  return {
    now: process.memoryUsage.rss() + (other?.now ?? 0),
    // maxRSS is in kilobytes on every platform (libuv converts).
    peak: process.resourceUsage().maxRSS * 1024 + (other?.peak ?? 0),
  };
}

/**
 * Measures what a training takes from the machine.
 * @param beside id of the engine's process, if it has one of its own
 * @returns resident memory in bytes now, and the cores kept busy since it was asked last, to two
 * digits behind the point
 */
export function processUsage(
  beside?: number,
  now: () => number = () => performance.now(),
): () => { readonly memoryBytes: number; readonly cores: number } {
  const used = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6 + (beside === undefined ? 0 : (processorSecondsOf(beside) ?? 0));
  };
  let [before, at] = [used(), now()];
  return () => {
    const [seconds, time] = [used(), now()];
    // An engine's process that has ended takes its time with it.
    const cores = time > at ? Math.max(0, (1000 * (seconds - before)) / (time - at)) : 0;
    [before, at] = [seconds, time];
    return { memoryBytes: residentMemory(beside).now, cores: Math.round(100 * cores) / 100 };
  };
}
