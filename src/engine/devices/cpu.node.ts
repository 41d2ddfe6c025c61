/**
 * What this process may really use: cores (CPU affinity and cgroup quota) and memory. More threads
 * than cores make every operator wait for the one that was not scheduled.
 */
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { memoryOf } from "../../base/processes/process.node.ts";
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
