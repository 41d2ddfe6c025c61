/**
 * Steering a run through its folder, from whatever process. A command is a file in `control/`,
 * whole when it appears; the training looks there between two steps, a few times a second, and
 * answers in `control/state.json`. What was changed is kept in `changes.json`, apart from the
 * record: lines of the record after a checkpoint are cut off when a run continues, and the changes
 * must be made again.
 */

import { randomUUID } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { errorCode, writeFileWhole } from "../../../base/disk/files.node.ts";
import { makeFolder } from "../../../base/disk/folders.node.ts";
import { MAX_JSON_BYTES } from "../../../base/disk/regular.node.ts";
import { UserError } from "../../../base/errors.ts";
import type { RecordLine } from "../../events.ts";
import { lockedBy } from "../../run/folder/lock.node.ts";
import { readOwn, readOwnJson } from "../../run/folder/own-files.node.ts";
import type { Change } from "./adjustable.ts";
import {
  type Command,
  type Control,
  type ControlState,
  controlStateSchema,
  type PendingCommand,
  parseChanges,
  recordedChanges,
} from "./control.ts";

/** How often the folder is looked into, in milliseconds. */
const LOOK_EVERY = 50;
const COMMAND = /^command-\d{15}-[0-9a-f-]{36}\.json$/;
/** Larger files are no commands. */
const MAX_BYTES = 4096;

const folderOf = (run: string): string => join(run, "control");
const changesFile = (run: string): string => join(run, "changes.json");

/**
 * What was changed while the run went on, in the order of the steps.
 * @throws UserError when the file is damaged
 */
export async function readChanges(run: string): Promise<readonly Change[]> {
  const path = changesFile(run);
  const limits = { max: MAX_JSON_BYTES, what: "a list of changes" };
  const bytes = await readOwn(run, basename(path), limits);
  if (bytes === undefined) return [];
  return parseChanges(
    bytes.toString("utf8"),
    path,
    'Restore it from the lines of kind "change" in metrics.jsonl, or delete it to go on without those changes.',
  );
}

/**
 * Keep what was changed; when this returns it survives anything.
 * @throws UserError when the disk is full or not writable
 */
export const keepChanges = (run: string, changes: readonly Change[]): Promise<void> =>
  writeFileWhole(changesFile(run), `${JSON.stringify({ changes }, null, 2)}\n`);

/**
 * The control of a run that this process trains. Commands that were sent to an earlier process are
 * thrown away; those that were sent since this one took the folder wait for the first step, as
 * whoever sent them was told that it trains.
 * @param changes of `readChanges`
 * @param record the lines the record has now
 */
export async function openControl(
  run: string,
  changes: readonly Change[],
  record: readonly RecordLine[],
): Promise<Control & { close(): Promise<void> }> {
  const folder = folderOf(run);
  await removeOlder(folder, Date.parse((await lockedBy(run))?.since ?? ""));
  let looked = Number.NEGATIVE_INFINITY;
  let told = "";
  return {
    changes,
    recorded: recordedChanges(record),
    take() {
      const now = performance.now();
      if (now - looked < LOOK_EVERY) return [];
      looked = now;
      return takeCommands(folder);
    },
    async wait(signal) {
      await setTimeout(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
    },
    persist: (changes) => keepChanges(run, changes),
    async publish(state) {
      const text = JSON.stringify(state);
      if (text === told) return;
      told = text;
      await makeFolder(folder);
      await writeFileWhole(join(folder, "state.json"), text);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Remove all but the commands that were sent at a time, in milliseconds, or later; all of it where
 * the time is not known.
 */
async function removeOlder(folder: string, since: number): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  const kept = names.filter((name) => COMMAND.test(name) && Number(name.split("-")[1]) >= since);
  if (kept.length === 0) await rm(folder, { recursive: true, force: true });
  else
    for (const name of names)
      if (!kept.includes(name)) await rm(join(folder, name), { recursive: true, force: true });
}

/** Read and remove what lies in the folder, oldest first. */
function takeCommands(folder: string): PendingCommand[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => COMMAND.test(name));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
  return names.sort().map((name) => {
    const path = join(folder, name);
    const id = name.slice("command-000000000000000-".length, -".json".length);
    try {
      return { id, command: commandIn(path) };
    } finally {
      // Whatever it is: a folder of that name must not end the training either.
      rmSync(path, { force: true, recursive: true });
    }
  });
}

/**
 * What a command's file says; undefined for what is none: a folder, a device, a file that is too
 * large or no JSON.
 */
export function commandIn(path: string): unknown {
  try {
    const found = lstatSync(path);
    if (!found.isFile() || found.size > MAX_BYTES) return undefined;
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * Send a command to whatever process trains in a run folder.
 * @returns the command's id, by which its answer is found in `readControlState`
 * @throws UserError when nobody trains there
 */
export async function sendCommand(run: string, command: Command): Promise<string> {
  if (!(await lockedBy(run)))
    throw new UserError(
      "Nobody trains in this run now.",
      "Run the command that began it again to continue it.",
    );
  const id = randomUUID();
  await makeFolder(folderOf(run));
  const time = String(Date.now()).padStart(15, "0");
  await writeFileWhole(join(folderOf(run), `command-${time}-${id}.json`), JSON.stringify(command));
  return id;
}

/** What the training last said of itself; undefined before anybody steered it. */
export async function readControlState(run: string): Promise<ControlState | undefined> {
  const hint = "It is made again when somebody steers the run.";
  return readOwnJson(run, "control/state.json", { schema: controlStateSchema, hint }).catch(
    (error: unknown) => {
      if (error instanceof UserError) return undefined;
      throw error;
    },
  );
}
