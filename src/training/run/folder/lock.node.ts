/**
 * One process per run folder. The lock is a file that names its holder: process, host, and on Linux
 * when process and system began, as process numbers are used again. It is made under another name
 * and linked into place, so it is never seen half-written. On this host a lock is stale when its
 * process is gone; on another host (a shared disk) when it has not been touched for two minutes,
 * which the holder does every ten seconds. A process that was killed is gone as soon as it can
 * write no more: as a zombie it holds nothing, and while the system still takes it apart it is
 * waited for.
 */

import { randomUUID } from "node:crypto";
import { link, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode, exists, explainWriteError, removeUnfinished } from "../../../base/disk/files.node.ts";
import { readRegular } from "../../../base/disk/regular.node.ts";
import { UserError } from "../../../base/errors.ts";
import { option } from "../../../base/option-names.ts";
import {
  bootedAt,
  bootId,
  conditionOf,
  type ProcessCondition,
  processStart,
} from "../../../base/processes/process.node.ts";

const HEARTBEAT_MS = 10_000;
const STALE_MS = 120_000;
/** How long a process is waited for that is ending: one that holds much memory takes seconds. */
const ENDING_MS = 10_000;
/**
 * How long one that lives is looked at again, as a signal that was just sent shows a moment later.
 */
const SECOND_LOOK_MS = 300;
/**
 * Where there are no hard links, a lock is half-written for a moment; for longer, if its writer was
 * killed.
 */
const TORN_MS = 5_000;
const LOOK_EVERY = 25;
/** How far the times of files and of the system may lie apart. */
const CLOCKS_AGREE = 5_000;

/** Who holds a run folder. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the system's own clock ticks; null where it cannot be known. */
  readonly processStart: string | null;
  /**
   * Which start of the system the ticks count from; null where it cannot be known, missing in older
   * locks.
   */
  readonly boot?: string | null;
  /** ISO 8601. */
  readonly since: string;
  /** Tells two locks of one process apart. */
  readonly id: string;
}

/** A held lock. */
export interface Lock {
  /** What was found and taken over, if anything. */
  readonly tookOver: LockHolder | undefined;
  /** Give the folder free. Safe to call twice. */
  release(): Promise<void>;
}

/** Raised when another process that lives has the folder. */
export class FolderInUse extends UserError {}

/**
 * Take the run folder for this process. A holder that was killed and is still ending is waited for,
 * some seconds.
 * @throws FolderInUse naming process and host when another live one has it
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const path = join(folder, "lock.json");
  const me: LockHolder = {
    pid: process.pid,
    host: hostname(),
    processStart: processStart(process.pid),
    boot: bootId(),
    since: new Date().toISOString(),
    id: randomUUID(),
  };
  const tookOver = await removeStale(path, folder);
  if (!(await place(path, me))) throw inUse(folder, await readHolder(path), path);
  await removeLeftLocks(folder);

  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  timer.unref();
  let held = true;
  const release = async (): Promise<void> => {
    if (!held) return;
    held = false;
    clearInterval(timer);
    if ((await readHolder(path))?.id === me.id) await rm(path, { force: true });
  };
  return { tookOver, release };
}

/** Who holds `folder` now, if it is someone alive. */
export async function lockedBy(folder: string): Promise<LockHolder | undefined> {
  const path = join(folder, "lock.json");
  const holder = await readHolder(path);
  return holder && (await conditionOfHolder(path, holder)) !== "gone" ? holder : undefined;
}

/** A name that `removeUnfinished` knows when this process is killed. */
const besideLock = (path: string): string => `${path}.${randomUUID()}.${process.pid}.tmp`;

/** Make the lock file, whole, unless there is one. */
async function place(path: string, holder: LockHolder): Promise<boolean> {
  const text = `${JSON.stringify(holder, null, 1)}\n`;
  const beside = besideLock(path);
  try {
    await writeFile(beside, text, { flag: "wx" });
    try {
      await link(beside, path);
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      // Some file systems have no hard links; exclusive creation is nearly as good.
      await writeFile(path, text, { flag: "wx" });
    }
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw await explainWriteError(error, path, text.length);
  } finally {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}

/** Remove a lock whose holder is gone. @throws FolderInUse when the holder lives */
async function removeStale(path: string, folder: string): Promise<LockHolder | undefined> {
  const holder = await waitForEnd(path, folder);
  if (holder === undefined && !(await exists(path))) return undefined;
  const away = besideLock(path);
  try {
    await rename(path, away);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw await explainWriteError(error, path, 0);
  }
  // Two processes may have found the same stale lock, and the other may have been quicker: then this one was just alive.
  const moved = await readHolder(away);
  if (moved?.id !== holder?.id) {
    await link(away, path).catch(() => undefined);
    await rm(away, { force: true });
    throw inUse(folder, moved, path);
  }
  await rm(away, { force: true });
  return holder;
}

/**
 * Wait until the holder of the lock is gone, as long as there is hope.
 * @returns the holder that is gone; undefined when there is no lock, or one that cannot be read
 * @throws FolderInUse when it lives
 */
async function waitForEnd(path: string, folder: string): Promise<LockHolder | undefined> {
  const began = performance.now();
  for (;;) {
    const holder = await readHolder(path);
    if (holder === undefined && !(await exists(path))) return undefined;
    const condition = await conditionOfHolder(path, holder);
    if (condition === "gone") return holder;
    const own = holder?.pid === process.pid;
    const patience = own ? 0 : condition === "ending" ? ENDING_MS : SECOND_LOOK_MS;
    if (performance.now() - began >= patience) throw inUse(folder, holder, path);
    await sleep(LOOK_EVERY);
  }
}

/** What the holder of the lock at `path` is doing, as far as can be seen from here. */
async function conditionOfHolder(path: string, holder: LockHolder | undefined): Promise<ProcessCondition> {
  const rebooted = differs(holder?.boot, bootId());
  if (holder && holder.host === hostname() && !rebooted)
    return differs(holder.processStart, processStart(holder.pid)) ? "gone" : conditionOf(holder.pid);
  const touched = await stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );
  const age = Date.now() - touched;
  // Of an earlier start of this machine, or else of another machine of the same name, which goes on touching its lock.
  if (rebooted && holder?.host === hostname() && touched + CLOCKS_AGREE < (bootedAt() ?? 0)) return "gone";
  if (holder) return age > STALE_MS ? "gone" : "alive";
  return age > TORN_MS ? "gone" : "ending";
}

/** Whether both are known and not the same. */
const differs = (then: string | null | undefined, now: string | null): boolean =>
  then != null && now !== null && then !== now;

/**
 * Remove what killed processes left when they were taking the folder or giving it back. Only with
 * the lock held.
 */
async function removeLeftLocks(folder: string): Promise<void> {
  await removeUnfinished(folder);
  // Names that earlier versions used.
  for (const name of await readdir(folder).catch((): string[] => [])) {
    if (!/^lock\.json\.[0-9a-f-]{36}$/.test(name)) continue;
    const path = join(folder, name);
    if ((await conditionOfHolder(path, await readHolder(path))) === "gone") await rm(path, { force: true });
  }
}

async function readHolder(path: string): Promise<LockHolder | undefined> {
  try {
    const holder = JSON.parse(
      (await readRegular(path, { max: 4096, what: "a lock" })).toString("utf8"),
    ) as Partial<LockHolder> | null;
    const whole = Number.isSafeInteger(holder?.pid) && typeof holder?.host === "string";
    return whole ? (holder as LockHolder) : undefined;
  } catch {
    return undefined;
  }
}

function inUse(folder: string, holder: LockHolder | undefined, path: string): FolderInUse {
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : "another process";
  return new FolderInUse(
    `The run folder ${folder} is in use by ${who}.`,
    `Wait for it, stop it, or choose another folder with ${option("run")}. If you are sure nobody uses it, delete ${path}.`,
  );
}
