/**
 * Checkpoints on disk: `checkpoints/NNNNNNN/` with `weights.safetensors` (named parameters, buffers and averages),
 * `state.safetensors` (what only training needs) and `meta.json` (progress, hashes, a checksum of every file and of itself).
 * A checkpoint is written under another name, flushed and renamed; older ones are removed only after that. What is found
 * under a number is therefore whole, or was damaged from outside, which the checksums tell.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../base/errors.ts";
import type { Steps } from "../objectives/steps.ts";
import { currentVersions, type Versions } from "./environment.node.ts";
import {
  errorCode,
  explainWriteError,
  type FileDigest,
  readableBytes,
  syncFolder,
  writePieces,
} from "./files.node.ts";
import { type Progress, type Snapshot, stateNames } from "./loop.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import { assembleState, type NamedState, nameState } from "./weights.ts";

const FORMAT = "quarterturn-checkpoint";
const VERSION = 1;
const WEIGHTS = "weights.safetensors";
const STATE = "state.safetensors";
/** Seven digits and more: sorts as text up to ten million steps, and beyond by number. */
const NUMBERED = /^\d{7,}$/;
/** Names under which a step's folder stands while it is written, removed, or makes room for another of the same step. */
const LEFTOVER = /^\.(writing|removing|replaced)-(\d+)$/;

/** What a checkpoint was made from; configuration and data must agree for it to be continued. */
export interface Provenance {
  /** Hash of the configuration. */
  readonly config: string;
  /** Hash of the images. */
  readonly data: string;
  /** The engine's description of itself, with the runtime's version. */
  readonly engine: string;
}

/** `meta.json`. */
export interface CheckpointMeta {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly progress: Progress;
  readonly provenance: Provenance;
  /** Versions of this program and of what it runs on, by name. */
  readonly versions: Versions;
  readonly files: Readonly<Record<string, FileDigest>>;
}

/** A checkpoint read from disk and found whole. */
export interface Checkpoint {
  readonly path: string;
  readonly meta: CheckpointMeta;
  readonly named: NamedState;
}

/**
 * Write a checkpoint below `folder` and remove all but the newest `keep`.
 * @param spared step of one that is kept besides
 * @returns its path
 * @throws UserError when the disk is full or not writable; what was there before is untouched then
 */
export async function saveCheckpoint(
  folder: string,
  snapshot: Snapshot,
  steps: Pick<Steps, "layout">,
  provenance: Provenance,
  keep: number,
  spared?: number,
): Promise<string> {
  const { progress, state } = snapshot;
  const named = nameState(state, steps.layout);
  const contents = {
    [WEIGHTS]: encodeSafetensors(named.weights, { format: FORMAT, layout: "OIHW" }),
    [STATE]: encodeSafetensors(named.rest, { format: FORMAT }),
  };
  const needed = Object.values(contents)
    .flat()
    .reduce((sum, piece) => sum + piece.length, 0);
  const name = String(progress.step).padStart(7, "0");
  const path = join(folder, name);
  const beside = join(folder, `.writing-${name}`);
  try {
    // The first checkpoint: the names above it must last too, the run's own and that of its record.
    if ((await mkdir(folder, { recursive: true })) !== undefined)
      for (const above of [dirname(folder), dirname(dirname(folder))]) await syncFolder(above);
    await rm(beside, { recursive: true, force: true });
    await mkdir(beside);
    const files: Record<string, FileDigest> = {};
    for (const [file, pieces] of Object.entries(contents))
      files[file] = await writePieces(join(beside, file), pieces);
    const meta: CheckpointMeta = {
      format: FORMAT,
      version: VERSION,
      progress,
      provenance,
      versions: currentVersions(),
      files,
    };
    await writePieces(join(beside, "meta.json"), [new TextEncoder().encode(sealed(meta))]);
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

/** Remove checkpoints but the newest `keep` of those up to `step`, which has just been written, and the spared one. */
async function removeOlder(
  folder: string,
  step: number,
  keep: number,
  spared: number | undefined,
): Promise<void> {
  const older = (await listCheckpoints(folder)).filter((found) => found <= step);
  for (const found of older.slice(Math.max(1, keep))) {
    if (found === spared) continue;
    const name = String(found).padStart(7, "0");
    const away = join(folder, `.removing-${name}`);
    // Renamed first, so that a half-removed checkpoint is never found under its number.
    await rename(join(folder, name), away);
    await rm(away, { recursive: true, force: true });
  }
}

/** Steps of the checkpoints below `folder`, the newest first; empty when there is no such folder. */
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
    const path = join(folder, String(step).padStart(7, "0"));
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
    "Restore the folder from a backup, or start a new run (--new).",
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
  return loadCheckpoint(join(folder, String(step).padStart(7, "0")));
}

/** Move a damaged checkpoint out of the way, keeping it. Only with the run's lock held. @returns where it is now */
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
 * @throws UserError when a file is missing, truncated, altered or foreign, or of a later version of this program
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const meta = unseal(await readPart(join(path, "meta.json")), join(path, "meta.json"));
  const decoded = new Map<string, NamedState["weights"]>();
  for (const file of [WEIGHTS, STATE]) {
    const where = join(path, file);
    const expected = meta.files[file];
    if (!expected) throw new UserError(`${join(path, "meta.json")} does not mention ${file}.`);
    const bytes = await readPart(where);
    if (bytes.length !== expected.bytes)
      throw new UserError(
        `${where} is damaged: ${readableBytes(bytes.length)} long instead of ${readableBytes(expected.bytes)}.`,
      );
    if (createHash("sha256").update(bytes).digest("hex") !== expected.sha256)
      throw new UserError(`${where} is damaged: its checksum does not match.`);
    decoded.set(file, decodeSafetensors(bytes, where).tensors);
  }
  return { path, meta, named: { weights: decoded.get(WEIGHTS)!, rest: decoded.get(STATE)! } };
}

/**
 * The snapshot in a checkpoint, for the networks of `steps`.
 * @throws UserError when the networks are not those of the checkpoint
 */
export function snapshotOf(checkpoint: Checkpoint, steps: Steps): Snapshot {
  const state = assembleState(checkpoint.named, stateNames(steps), steps.layout, checkpoint.path);
  return { progress: checkpoint.meta.progress, state };
}

async function readPart(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new UserError(`${path} is missing.`, undefined, { cause: error });
    if (code === "EISDIR" || code === "EACCES" || code === "EIO")
      throw new UserError(`${path} cannot be read (${code}).`, undefined, { cause: error });
    throw error;
  }
}

/** `meta.json`: the contents and, last, their own checksum. */
function sealed(meta: CheckpointMeta): string {
  return `${JSON.stringify({ ...meta, checksum: digestOf(meta) }, null, 1)}\n`;
}

const digestOf = (meta: object): string => createHash("sha256").update(JSON.stringify(meta)).digest("hex");

function unseal(bytes: Buffer, where: string): CheckpointMeta {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new UserError(`${where} is damaged: it is not JSON.`);
  }
  const { checksum, ...meta } = (parsed ?? {}) as Partial<CheckpointMeta> & { checksum?: unknown };
  if (meta.format !== FORMAT) throw new UserError(`${where} is not a checkpoint of this program.`);
  if (digestOf(meta) !== checksum) throw new UserError(`${where} is damaged: its checksum does not match.`);
  if (meta.version !== VERSION)
    throw new UserError(
      `${where} was written by another version of this program (format ${String(meta.version)}, this one reads ${VERSION}).`,
      "Use the version that wrote it.",
    );
  return meta as CheckpointMeta;
}
