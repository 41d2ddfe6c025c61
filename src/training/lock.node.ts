/**
 * One process per run folder. The lock is a file that names its holder: process, host, and on Linux when the process began, as
 * process numbers are used again. It is made under another name and linked into place, so it is never seen half-written.
 * On this host a lock is stale when its process is gone; on another host (a shared disk) when it has not been touched for
 * two minutes, which the holder does every ten seconds.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { errorCode, explainWriteError, isAlive } from "./files.node.ts";

const HEARTBEAT_MS = 10_000;
const STALE_MS = 120_000;

/** Who holds a run folder. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the system's own clock ticks; null where it cannot be known. */
  readonly processStart: string | null;
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

/**
 * Take the run folder for this process.
 * @throws UserError naming process and host when another live one has it
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const path = join(folder, "lock.json");
  const me: LockHolder = {
    pid: process.pid,
    host: hostname(),
    processStart: processStart(process.pid),
    since: new Date().toISOString(),
    id: randomUUID(),
  };
  const tookOver = await removeStale(path, folder);
  if (!(await place(path, me))) throw inUse(folder, await readHolder(path), path);

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
  return holder && !(await isStale(path, holder)) ? holder : undefined;
}

/** Make the lock file, whole, unless there is one. */
async function place(path: string, holder: LockHolder): Promise<boolean> {
  const text = `${JSON.stringify(holder, null, 1)}\n`;
  const beside = `${path}.${holder.id}`;
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

/** Remove a lock whose holder is gone. @throws UserError when the holder lives */
async function removeStale(path: string, folder: string): Promise<LockHolder | undefined> {
  const holder = await readHolder(path);
  if (holder === undefined && !(await exists(path))) return undefined;
  if (!(await isStale(path, holder))) throw inUse(folder, holder, path);
  const away = `${path}.${randomUUID()}`;
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

async function isStale(path: string, holder: LockHolder | undefined): Promise<boolean> {
  if (holder && holder.host === hostname()) {
    if (!isAlive(holder.pid)) return true;
    const start = processStart(holder.pid);
    return start !== null && holder.processStart !== null && start !== holder.processStart;
  }
  const touched = await stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );
  return Date.now() - touched > STALE_MS;
}

/** Field 22 of /proc/PID/stat; the second field, the name, is in brackets and may hold anything. */
function processStart(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

async function readHolder(path: string): Promise<LockHolder | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, "utf8")) as Partial<LockHolder> | null;
    const whole = Number.isSafeInteger(holder?.pid) && typeof holder?.host === "string";
    return whole ? (holder as LockHolder) : undefined;
  } catch {
    return undefined;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

function inUse(folder: string, holder: LockHolder | undefined, path: string): UserError {
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : "another process";
  return new UserError(
    `The run folder ${folder} is in use by ${who}.`,
    `Wait for it, stop it, or choose another folder with --run. If you are sure nobody uses it, delete ${path}.`,
  );
}
