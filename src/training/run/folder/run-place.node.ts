/**
 * Places for new run folders: which are free, and taking one for this process. A folder is a run as
 * soon as it has a config.json; what a process that was killed before left there is cleared away by
 * the next one that takes the place.
 */

import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode, exists, explainWriteError, isUnfinished } from "../../../base/disk/files.node.ts";
import { makeFolder } from "../../../base/disk/folders.node.ts";
import { UserError } from "../../../base/errors.ts";
import { option } from "../../../base/option-names.ts";
import { FolderInUse, type Lock, lockedBy, lockFolder } from "./lock.node.ts";
import { isRun, numbered } from "./run-name.node.ts";

/** A folder that this process holds. */
export interface TakenPlace {
  readonly dir: string;
  readonly lock: Lock;
}

/** What a fork has in its folder before it is a run: its config.json comes last. */
const BEFORE_CONFIG = new Set(["checkpoints", "samples", "control", "environment.json", "metrics.jsonl"]);

/** Whether a file belongs to the lock, or to a config.json that was never finished. */
const isOfBeginning = (name: string): boolean =>
  name.startsWith("lock.json") || (name.startsWith("config.json.") && isUnfinished(name));

/**
 * Whether a run may begin at `dir`: nothing is there, or an empty folder, or what a process left
 * that was killed before the folder was a run. The lock of a process that has just made it does not
 * count.
 */
export async function isFree(dir: string): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return true;
    // A file: here, or somewhere on the way, which making the folder will report.
    if (errorCode(error) === "ENOTDIR") return !(await exists(dir));
    throw error;
  }
  if (names.every(isOfBeginning)) return true;
  // A fork that was killed leaves its lock; without one nobody knows whose files these are.
  const ofFork = names.every((name) => isOfBeginning(name) || isOfFork(name));
  return ofFork && names.includes("lock.json") && (await lockedBy(dir)) === undefined;
}

/**
 * Make the folder `dir` unless it is there.
 * @throws UserError when something else is there, or it cannot be made
 */
export async function makeHere(dir: string): Promise<void> {
  if (!(await isFree(dir)))
    throw new UserError(
      `${dir} exists and is not a run folder.`,
      `Choose another place with ${option("run")}.`,
    );
  await makeRunFolder(dir, true);
}

/**
 * Take the first folder of `first`, `first-2`, `first-3`, … that is free; two processes never get
 * the same one.
 */
export async function takeBeside(first: string): Promise<TakenPlace> {
  await makeRunFolder(dirname(first), true);
  for (let number = 1; ; number++) {
    const dir = numbered(first, number);
    const made = await makeRunFolder(dir, false);
    if (!made && ((await isRun(dir)) || !(await isFree(dir)) || (await lockedBy(dir)))) continue;
    const lock = await lockFolder(dir).catch((error: unknown) => {
      if (error instanceof FolderInUse) return undefined;
      throw error;
    });
    if (!lock) continue;
    // Another process may have begun a run here since the folder was looked at, and ended.
    if (!(await isRun(dir))) {
      await clearPlace(dir);
      return { dir, lock };
    }
    await lock.release();
  }
}

const isOfFork = (name: string): boolean => BEFORE_CONFIG.has(name) || isUnfinished(name);

/**
 * Remove what a killed process left in a folder that is no run, and nothing else. Only with the
 * lock held.
 */
export async function clearPlace(dir: string): Promise<void> {
  for (const name of await readdir(dir))
    if (name !== "lock.json" && (isOfBeginning(name) || isOfFork(name)))
      await rm(join(dir, name), { recursive: true, force: true });
}

/** Give back a place; one that never came to be a run is removed. */
export async function leavePlace({ dir, lock }: TakenPlace): Promise<void> {
  const unused = !(await isRun(dir));
  // While it is still held: killed here, the next process finds the lock, and clears the rest.
  if (unused) await clearPlace(dir).catch(() => undefined);
  await lock.release();
  if (unused) await rmdir(dir).catch(() => undefined);
}

/** @returns false when it exists already and must not */
async function makeRunFolder(dir: string, mayExist: boolean): Promise<boolean> {
  try {
    await (mayExist ? makeFolder(dir) : mkdir(dir));
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST" && !mayExist) return false;
    if (code === "EEXIST" || code === "ENOTDIR")
      throw new UserError(
        `${dir} cannot be made: there is a file in the way.`,
        `Choose another place with ${option("run")}.`,
      );
    throw await explainWriteError(error, dir, 0);
  }
}
