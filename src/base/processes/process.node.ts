/**
 * Other processes of this machine: whether one lives, whether it is ending, and which one it is. A
 * number alone says little, as the system uses numbers again; on Linux the moment at which the
 * process began tells two of one number apart.
 */
import { readdirSync, readFileSync } from "node:fs";

/**
 * What a process is doing, as far as others must wait for it.
 *
 * - `alive`: it runs.
 * - `ending`: it was killed or exits, and the system is still taking it apart: it may finish a
 *   write, and begins none.
 * - `gone`: there is no process of that number, or only a zombie: it has ended, and its parent has
 *   not asked how.
 */
export type ProcessCondition = "alive" | "ending" | "gone";

/** Flag of the kernel for a process that is exiting, in field 9 of `/proc/PID/stat`. */
const PF_EXITING = 0x4;
/** SIGKILL among the pending signals, which `/proc/PID/status` lists as a mask. */
const SIGKILL_PENDING = 1n << 8n;
/** Ticks of a second in `/proc`: 100 for every architecture that Node runs on. */
const TICKS = 100;

/** The fields of `/proc/PID/stat` from the third on; undefined where there is none. */
function statFields(pid: number): string[] | undefined {
  try {
    // The second field, the name, stands in brackets and may hold anything.
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** What the process `pid` is doing. Elsewhere than on Linux a zombie counts as alive. */
export function conditionOf(pid: number): ProcessCondition {
  if (!exists(pid)) return "gone";
  const fields = statFields(pid);
  // No Linux, or it has ended since.
  if (!fields) return process.platform === "linux" && !exists(pid) ? "gone" : "alive";
  const state = fields[0]!;
  // A process is a zombie as soon as its first thread is. The others may still be in the midst of a write.
  if (state === "Z" || state === "X") return threadsOf(pid) > 1 ? "ending" : "gone";
  return (Number(fields[6]) & PF_EXITING) !== 0 || isBeingKilled(pid) ? "ending" : "alive";
}

/** Whether there is a process of this number on this machine that has not ended. */
export const isAlive = (pid: number): boolean => conditionOf(pid) !== "gone";

/**
 * When a process began, in the system's own clock ticks since it was started; null where it cannot
 * be known.
 */
export const processStart = (pid: number): string | null => statFields(pid)?.[19] ?? null;

/** Which start of the system this is; null where it does not say. Clock ticks count from it. */
export function bootId(): string | null {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return null;
  }
}

/** When the system was started, in milliseconds since 1970; undefined where it does not say. */
export function bootedAt(): number | undefined {
  try {
    return Date.now() - 1000 * Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]);
  } catch {
    return undefined;
  }
}

/**
 * When a process began, in milliseconds since 1970, to a hundredth of a second or so; undefined
 * where it cannot be known.
 */
export function startedAt(pid: number): number | undefined {
  const [start, booted] = [processStart(pid), bootedAt()];
  return start === null || booted === undefined ? undefined : booted + (1000 * Number(start)) / TICKS;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

function isBeingKilled(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return [...status.matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)/gm)].some(
      ([, mask]) => (BigInt(`0x${mask}`) & SIGKILL_PENDING) !== 0n,
    );
  } catch {
    return false;
  }
}

/**
 * Processor time that a process has used so far, all threads, in seconds; undefined where there is
 * none, or the system does not tell.
 */
export function processorSecondsOf(pid: number): number | undefined {
  const fields = statFields(pid);
  // Fields 14 and 15, in the process itself and in the system for it.
  const ticks = fields && Number(fields[11]) + Number(fields[12]);
  return ticks !== undefined && Number.isFinite(ticks) ? ticks / TICKS : undefined;
}

/**
 * Resident memory of another process in bytes: now, and the highest so far; undefined where the
 * system does not say, or the process is gone.
 */
export function memoryOf(pid: number): { readonly now: number; readonly peak: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const bytes = (field: string): number =>
      1024 * Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(status)?.[1]);
    const memory = { now: bytes("VmRSS"), peak: bytes("VmHWM") };
    // A process that is ending has none any more.
    return Number.isFinite(memory.peak) ? memory : undefined;
  } catch {
    return undefined;
  }
}
