/**
 * Checkpoints on disk: `checkpoints/NNNNNNN/` with `weights.safetensors` (named parameters, buffers
 * and averages), `state.safetensors` (what only training needs) and `meta.json` (progress, hashes,
 * a checksum of every file and of itself). A checkpoint is written under another name, flushed and
 * renamed; older ones are removed only after that. What is found under a number is therefore whole,
 * or was damaged from outside, which the checksums tell.
 */

import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  errorCode,
  explainWriteError,
  sha256,
  syncFolder,
  writePieces,
} from "../../../base/disk/files.node.ts";
import { makeFolder } from "../../../base/disk/folders.node.ts";
import { openRegular, readRegular } from "../../../base/disk/regular.node.ts";
import { UserError } from "../../../base/errors.ts";
import { option } from "../../../base/option-names.ts";
import type { Steps } from "../../../objectives/steps.ts";
import type { Snapshot } from "../../loop/recorder.ts";
import { currentVersions } from "../record/environment.node.ts";
import {
  type Checkpoint,
  checkpointName,
  decodeCheckpoint,
  encodeMeta,
  encodeTensors,
  wrongLength,
} from "./checkpoint-format.ts";
import { type Provenance, STATE, WEIGHTS } from "./checkpoint-schema.ts";

export { type Checkpoint, snapshotOf } from "./checkpoint-format.ts";
export type { CheckpointMeta, Provenance } from "./checkpoint-schema.ts";

/** Seven digits and more: sorts as text up to ten million steps, and beyond by number. */
const NUMBERED = /^\d{7,}$/;
/**
 * Names under which a step's folder stands while it is written, removed, or makes room for another
 * of the same step.
 */
const LEFTOVER = /^\.(writing|removing|replaced)-(\d+)$/;

/**
 * Write a checkpoint below `folder` and remove all but the newest `keep`.
 * @param spared steps of those that are kept besides
 * @returns its path
 * @throws UserError when the disk is full or not writable; what was there before is untouched then
 */
export async function saveCheckpoint(
  folder: string,
  snapshot: Snapshot,
  steps: Pick<Steps, "layout">,
  provenance: Provenance,
  keep: number,
  spared: readonly number[] = [],
): Promise<string> {
  const { progress } = snapshot;
  const contents = encodeTensors(snapshot, steps);
  const needed = Object.values(contents)
    .flat()
    .reduce((sum, piece) => sum + piece.length, 0);
  const name = checkpointName(progress.step);
  const path = join(folder, name);
  const beside = join(folder, `.writing-${name}`);
  try {
    // The first checkpoint: the names above it must last too, the run's own and that of its record.
    if ((await makeFolder(folder)) !== undefined)
      for (const above of [dirname(folder), dirname(dirname(folder))]) await syncFolder(above);
    await rm(beside, { recursive: true, force: true });
    await mkdir(beside);
    const files = {
      [WEIGHTS]: await writePieces(join(beside, WEIGHTS), contents[WEIGHTS]),
      [STATE]: await writePieces(join(beside, STATE), contents[STATE]),
    };
    const meta = { progress, provenance, versions: currentVersions(), files };
    await writePieces(join(beside, "meta.json"), [encodeMeta(meta, sha256)]);
    await syncFolder(beside);
    await replace(beside, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(beside, { recursive: true, force: true }).catch(() => undefined);
    throw await explainWriteError(error, path, needed + 4096);
  }
  await removeOlder(folder, progress.step, keep, spared);
  return path;
}

/** Put `beside` in the place of `path`; a folder cannot be renamed onto one that is not empty. */
async function replace(beside: string, path: string): Promise<void> {
  const old = join(dirname(path), `.replaced-${basename(path)}`);
  await rm(old, { recursive: true, force: true });
  await rename(path, old).catch((error: unknown) => {
    if (errorCode(error) !== "ENOENT") throw error;
  });
  await rename(beside, path);
  await rm(old, { recursive: true, force: true });
}

/**
 * Remove checkpoints but the newest `keep` of those up to `step`, which has just been written, and
 * the spared ones.
 */
async function removeOlder(
  folder: string,
  step: number,
  keep: number,
  spared: readonly number[],
): Promise<void> {
  const older = (await listCheckpoints(folder)).filter((found) => found <= step);
  for (const found of older.slice(Math.max(1, keep))) {
    if (spared.includes(found)) continue;
    const name = checkpointName(found);
    const away = join(folder, `.removing-${name}`);
    // Renamed first, so that a half-removed checkpoint is never found under its number.
    await rename(join(folder, name), away);
    await rm(away, { recursive: true, force: true });
  }
}

/**
 * Steps of the checkpoints below `folder`, the newest first; empty when there is no such folder.
 */
export async function listCheckpoints(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
  return names
    .filter((name) => NUMBERED.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}

/** Clear up after an interrupted write, removal or replacement. Only with the run's lock held. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names) {
    const [, kind, step] = LEFTOVER.exec(name) ?? [];
    if (step === undefined) continue;
    // Killed in the midst of replacing: the old one is still whole, so it gets its name back.
    if (kind === "replaced" && !names.includes(step)) await rename(join(folder, name), join(folder, step));
    else await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** The newest whole checkpoint, and those newer that were not, each with the reason. */
export interface NewestCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly damaged: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Read the newest whole checkpoint below `folder`. Callers must tell the user about `damaged`.
 * @returns undefined when there are none at all
 * @throws UserError when there are some and all are damaged
 */
export async function newestCheckpoint(folder: string): Promise<NewestCheckpoint | undefined> {
  const damaged: { path: string; reason: string }[] = [];
  for (const step of await listCheckpoints(folder)) {
    const path = join(folder, checkpointName(step));
    try {
      return { checkpoint: await loadCheckpoint(path), damaged };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      damaged.push({ path, reason: error.message });
    }
  }
  if (damaged.length === 0) return undefined;
  throw new UserError(
    `No checkpoint in ${folder} can be read:\n${damaged.map(({ reason }) => `  ${reason}`).join("\n")}`,
    `Restore the folder from a backup, or start a new run (${option("mode", "new")}).`,
  );
}

/**
 * Read the checkpoint of one step below `folder`.
 * @throws UserError when there is none, naming those there are, or when it is damaged
 */
export async function checkpointOf(folder: string, step: number): Promise<Checkpoint> {
  const steps = await listCheckpoints(folder);
  if (!steps.includes(step))
    throw new UserError(
      `${dirname(folder)} has no checkpoint of step ${step}.`,
      `There are those of step ${steps.join(", ")}.`,
    );
  return loadCheckpoint(join(folder, checkpointName(step)));
}

/**
 * Move a damaged checkpoint out of the way, keeping it. Only with the run's lock held.
 * @returns where it is now
 */
export async function setAside(path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const aside = join(dirname(path), `damaged-${basename(path)}${n === 1 ? "" : `-${n}`}`);
    const taken = await readdir(aside).then(
      () => true,
      () => false,
    );
    if (taken) continue;
    await rename(path, aside);
    return aside;
  }
}

/**
 * Read one checkpoint and check all of it.
 * @throws UserError when a file is missing, truncated, altered or foreign, or of a later version of
 * this program
 */
export function loadCheckpoint(path: string): Promise<Checkpoint> {
  return decodeCheckpoint(path, (file, max) => readPart(join(path, file), max), sha256);
}

/** @param most bytes it may have: a longer one is not read */
async function readPart(path: string, max: number): Promise<Buffer> {
  try {
    const handle = await openRegular(path);
    const { size } = await handle.stat().finally(() => handle.close());
    if (size > max) throw wrongLength(path, size, max);
    return await readRegular(path, { max, what: "it" });
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new UserError(`${path} is missing.`, undefined, { cause: error });
    if (code === "EISDIR" || code === "EACCES" || code === "EIO")
      throw new UserError(`${path} cannot be read (${code}).`, undefined, { cause: error });
    throw error;
  }
}
