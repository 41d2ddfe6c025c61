/**
 * Run folders: finding or making the one a command means, taking it for this process, and refusing
 * to mix runs. The same command continues; a changed configuration is refused with the difference;
 * `new` and `fork` make a folder beside.
 *
 *     runs/NAME/ config.json · environment.json · metrics.jsonl · samples/ · checkpoints/ · export/ · lock.json while in use
 */

import { join, resolve } from "node:path";
import { z } from "zod";
import { removeUnfinished, writeFileWhole } from "../../../base/disk/files.node.ts";
import { UserError } from "../../../base/errors.ts";
import { option } from "../../../base/option-names.ts";
import { flattenConfig, parseConfig } from "../../config/check.ts";
import type { Config } from "../../config/schema.ts";
import {
  type Checkpoint,
  checkpointOf,
  newestCheckpoint,
  removeLeftovers,
  setAside,
} from "../checkpoint/checkpoint.node.ts";
import { type ConfigChange, compareConfigs, describeChange } from "../record/config-diff.ts";
import { type Lock, lockFolder } from "./lock.node.ts";
import { readOwnJson } from "./own-files.node.ts";
import { isRun, type NamedConfig, numberedRuns, runName } from "./run-name.node.ts";
import { clearPlace, isFree, leavePlace, makeHere, type TakenPlace, takeBeside } from "./run-place.node.ts";

/**
 * `continue` what is there or begin; `new`: begin beside what is there; `fork`: begin beside from
 * its newest checkpoint.
 */
export type RunMode = "continue" | "new" | "fork";

/** What run a command means. */
export interface OpenRunOptions {
  /** The resolved configuration, plain JSON. */
  readonly config: NamedConfig;
  /** The folder, if the user named one; else one is chosen below `runsDir`. */
  readonly dir?: string | undefined;
  readonly runsDir?: string | undefined;
  readonly mode?: RunMode | undefined;
  /** With `fork`: the step of the checkpoint to go on from; the newest whole one unless given. */
  readonly step?: number | undefined;
}

/** A run folder held by this process. */
export interface RunFolder {
  readonly dir: string;
  readonly kind: "fresh" | "continued" | "forked";
  /** Where to go on from; undefined for a fresh run. */
  readonly checkpoint: Checkpoint | undefined;
  /**
   * The run this one is forked from. `runTraining` writes config.json only when the fork has all
   * that it takes over.
   */
  readonly parent: string | undefined;
  /**
   * How `data.source` differs from that of the run that is continued: `runTraining` sees whether
   * the images are the same.
   */
  readonly moved?: ConfigChange | undefined;
  /** What the user should be told about how it was opened. */
  readonly notes: readonly string[];
  /** Give it free for other processes. Safe to call twice. */
  close(): Promise<void>;
}

/** Folders of a run in which files are written whole. */
const PARTS = ["samples", "export", "images"];

/** The folder of checkpoints in a run. */
export const checkpointsIn = (dir: string): string => join(dir, "checkpoints");

/**
 * Find or make the run folder, take it, and see whether `config` may go on there. Cheap: do it
 * before compiling anything.
 * @throws UserError when the folder is used by another process, belongs to something else, or has
 * another configuration
 */
export async function openRun(options: OpenRunOptions): Promise<RunFolder> {
  const { config, mode = "continue" } = options;
  const first = firstFolder(options);
  if (mode === "new") return begin(await takeBeside(first), config);
  const automatic = options.dir === undefined;
  if (mode === "fork") {
    const parent = automatic ? (await numberedRuns(first))[0] : first;
    if (parent === undefined || !(await isRun(parent)))
      throw new UserError(
        `There is no run in ${parent ?? first} to fork from.`,
        `Leave ${option("mode", "fork")} out to begin it.`,
      );
    return fork(parent, first, config, options.step);
  }
  const dir = automatic ? ((await lastFitting(first, config)) ?? first) : first;
  if (await isRun(dir)) return continueRun(dir, config);
  // The plain name may be taken by something that is no run.
  if (automatic && !(await isFree(dir))) return begin(await takeBeside(first), config);
  await makeHere(dir);
  return begin({ dir, lock: await lockFolder(dir) }, config);
}

/**
 * The run `openRun` would continue or fork from; undefined where it would begin afresh. Nothing is
 * made, locked or refused.
 */
export async function findRun(options: OpenRunOptions): Promise<string | undefined> {
  const { config, mode = "continue" } = options;
  const first = firstFolder(options);
  if (mode === "new") return undefined;
  if (options.dir !== undefined) return (await isRun(first)) ? first : undefined;
  return mode === "fork" ? (await numberedRuns(first))[0] : lastFitting(first, config);
}

const firstFolder = ({ config, dir, runsDir }: OpenRunOptions): string =>
  resolve(dir ?? join(runsDir ?? "runs", runName(config)));

/**
 * Of several runs of one name, the last that `config` may continue; failing that the last, which
 * will say why not.
 */
async function lastFitting(first: string, config: object): Promise<string | undefined> {
  const runs = await numberedRuns(first);
  let elsewhere: string | undefined;
  for (const run of runs) {
    const { refused, moved } = compareConfigs(await readConfig(run), config);
    if (refused.length === 0 && !moved) return run;
    if (refused.length === 0) elsewhere ??= run;
  }
  return elsewhere ?? runs[0];
}

async function begin({ dir, lock }: TakenPlace, config: object): Promise<RunFolder> {
  return guarded(lock, async () => {
    // Another process may have begun a run here since the folder was looked at.
    if (await isRun(dir))
      throw new UserError(`Another process has just begun a run in ${dir}.`, "Run the command again.");
    await clearPlace(dir);
    await writeConfig(dir, config);
    return { dir, kind: "fresh", checkpoint: undefined, parent: undefined, notes: [], close: lock.release };
  });
}

async function continueRun(dir: string, config: object): Promise<RunFolder> {
  const lock = await lockFolder(dir);
  return guarded(lock, async () => {
    const notes: string[] = [];
    if (lock.tookOver)
      notes.push(`Process ${lock.tookOver.pid} had left ${dir} locked and is gone; its lock was taken over.`);
    await removeLeftovers(checkpointsIn(dir));
    for (const folder of [dir, ...PARTS.map((part) => join(dir, part))]) await removeUnfinished(folder);
    const verdict = compareConfigs(await readConfig(dir), config);
    const newest = await newestCheckpoint(checkpointsIn(dir));
    if (verdict.refused.length > 0 && newest) {
      const place = verdict.moved ? [verdict.moved] : [];
      throw changed(dir, [...place, ...verdict.refused].map(describeChange));
    }
    for (const { path, reason } of newest?.damaged ?? []) {
      const aside = await setAside(path);
      notes.push(`A checkpoint is damaged and was moved to ${aside}: ${reason}`);
    }
    if (newest && newest.damaged.length > 0)
      notes.push(
        `Going on from the last good checkpoint instead, that of step ${newest.checkpoint.meta.progress.step}.`,
      );
    // With a checkpoint, `runTraining` writes it, when it has seen that the images are the run's.
    if (!newest) {
      notes.push(`${dir} has no checkpoint yet: beginning again from step 0.`);
      await writeConfig(dir, config);
    }
    return {
      dir,
      kind: newest ? "continued" : "fresh",
      checkpoint: newest?.checkpoint,
      parent: undefined,
      moved: newest && verdict.moved,
      notes: newest ? [...notes, ...verdict.notes] : notes,
      close: lock.release,
    };
  });
}

async function fork(
  parent: string,
  first: string,
  config: object,
  step: number | undefined,
): Promise<RunFolder> {
  const newest = await newestCheckpoint(checkpointsIn(parent));
  if (!newest)
    throw new UserError(
      `${parent} has no checkpoint to fork from.`,
      `Use ${option("mode", "new")} to begin a run beside it.`,
    );
  const { checkpoint, damaged } =
    step === undefined
      ? newest
      : { checkpoint: await checkpointOf(checkpointsIn(parent), step), damaged: [] };
  const place = await takeBeside(first);
  const { dir } = place;
  const { refused, moved } = compareConfigs(await readConfig(parent), config);
  const changes = [...(moved ? [moved] : []), ...refused].map(describeChange);
  const notes = [
    `Forked from step ${checkpoint.meta.progress.step} of ${parent} into ${dir}${changes.length > 0 ? `, with ${changes.join("; ")}` : ""}.`,
    ...damaged.map(({ reason }) => `A newer checkpoint there is damaged: ${reason}`),
  ];
  return { dir, kind: "forked", checkpoint, parent, notes, close: () => leavePlace(place) };
}

/** The refusal to continue with another configuration. */
export function changed(dir: string, differences: readonly string[]): UserError {
  return new UserError(
    `The run in ${dir} was made with another configuration:\n${differences.map((line) => `  ${line}`).join("\n")}`,
    `${option("mode", "fork")} starts a new run from its newest checkpoint with the new values, ${option("mode", "new")} a fresh one beside it; or use the old values.`,
  );
}

/** Give the lock back when opening fails after all. */
async function guarded(lock: Lock, work: () => Promise<RunFolder>): Promise<RunFolder> {
  try {
    return await work();
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The configuration a run was made with. @throws UserError when it cannot be read */
export async function readConfig(dir: string): Promise<Record<string, unknown>> {
  const config = await readOwnJson(dir, "config.json", {
    schema: z.record(z.string(), z.unknown()),
    hint: `Restore it, or start a new run (${option("mode", "new")}).`,
  });
  if (config) return config;
  throw new UserError(
    `${dir} is not a run folder: it has no config.json.`,
    "Name a folder that train has made.",
  );
}

/** The same, checked. @throws UserError when it cannot be read, or is of another version */
export const readRunConfig = async (dir: string): Promise<Config> =>
  parseConfig(flattenConfig(await readConfig(dir)), () => join(dir, "config.json"));

/** Make a folder a run. */
export const writeConfig = (dir: string, config: object): Promise<void> =>
  writeFileWhole(join(dir, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
