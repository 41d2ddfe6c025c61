/**
 * Rescuing a run in its folder. `changes.json` says first what is done; what follows from it, the
 * checkpoint for the new networks and then `config.json`, is done again by whoever opens the run
 * next, should it be cut off in between.
 */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../../base/disk/files.node.ts";
import { UserError } from "../../../base/errors.ts";
import { option } from "../../../base/option-names.ts";
import { STANDARD_TARGET } from "../../../graph/index.ts";
import { buildSteps } from "../../../objectives/build.ts";
import { flattenConfig, parseConfig } from "../../config/check.ts";
import type { Config } from "../../config/schema.ts";
import { readMetrics } from "../../evaluation/metrics.node.ts";
import { checkpointOf, listCheckpoints, saveCheckpoint } from "../../run/checkpoint/checkpoint.node.ts";
import { checkpointName } from "../../run/checkpoint/checkpoint-format.ts";
import { assembleState } from "../../run/checkpoint/weights.ts";
import { checkpointsIn, readRunConfig, writeConfig } from "../../run/folder/run-folder.node.ts";
import { essentials } from "../../run/record/config-diff.ts";
import type { Change, Rescue } from "../control/adjustable.ts";
import { keepChanges, readChanges } from "../control/control.node.ts";
import { stateNames } from "../loop.ts";
import { rescueChange, stepBefore, withoutSpectralNorm } from "./rescue.ts";

/** What was done. */
export interface Rescued extends Rescue {
  /** Step the run goes on from; 0: it begins again. */
  readonly step: number;
  /** The configuration it goes on with. */
  readonly config: Config;
}

/** How often a run has been rescued. */
export const rescuesOf = (changes: readonly Change[]): number =>
  changes.filter(({ rescue }) => rescue !== undefined).length;

/**
 * Take a run back to before its collapse, with something changed. Only with nobody training there.
 * @param seen step at which the collapse was seen
 * @throws UserError when its files cannot be read or written, or nothing can be changed
 */
export async function rescueRun(dir: string, seen: number): Promise<Rescued> {
  const config = await readRunConfig(dir);
  const changes = await readChanges(dir);
  const { lines } = await readMetrics(join(dir, "metrics.jsonl"), ["sample"]);
  const samples = lines.filter((line) => line.kind === "sample" && line.step <= seen);
  const folder = checkpointsIn(dir);
  const kept = await listCheckpoints(folder);
  const step = stepBefore(samples as Parameters<typeof stepBefore>[0], kept, config.training.checkpointEvery);
  const change = rescueChange(flattenConfig(config));
  // Whether the values fit together: before anything is removed.
  withRescue(config, change.to);
  // The newest first: cut off in between, the run goes on from an older one, collapses again, and is rescued in the same way.
  for (const later of kept) if (later > step) await remove(folder, later);
  const id = Math.max(0, ...changes.map((one) => one.id)) + 1;
  const rescue: Rescue = { seen, ...change };
  await keepChanges(dir, [...changes, { id, step, values: {}, rescue }]);
  return { ...rescue, step, config: (await finishRescue(dir)) ?? config };
}

/**
 * Do what the last rescue in `changes.json` asks for, where that is not done yet.
 * @returns the new configuration; undefined when there was nothing to be done
 */
export async function finishRescue(dir: string): Promise<Config | undefined> {
  const last = (await readChanges(dir)).findLast(({ rescue }) => rescue !== undefined);
  if (!last?.rescue) return undefined;
  const before = await readRunConfig(dir);
  const flat = flattenConfig(before);
  const { to } = last.rescue;
  if (Object.entries(to).every(([path, value]) => flat[path] === value)) return undefined;
  const after = withRescue(before, to);
  if (last.step > 0) await refit(dir, last.step, before, after);
  for (const other of await listCheckpoints(checkpointsIn(dir)))
    if (other !== last.step) await remove(checkpointsIn(dir), other);
  await writeConfig(dir, after);
  return after;
}

const withRescue = (config: Config, to: Rescue["to"]): Config =>
  parseConfig({ ...flattenConfig(config), ...to }, () => option("rescue"));

/** Write the checkpoint of a step anew, for the networks and the game of another configuration. */
async function refit(dir: string, step: number, before: Config, after: Config): Promise<void> {
  const folder = checkpointsIn(dir);
  const checkpoint = await checkpointOf(folder, step);
  const { provenance, progress } = checkpoint.meta;
  const now = { ...provenance, config: sha256(essentials(after)) };
  if (provenance.config === now.config) return;
  if (provenance.config !== sha256(essentials(before)))
    throw new UserError(
      `The checkpoint of step ${step} in ${dir} is not of this run's configuration.`,
      `Begin a new run (${option("mode", "new")}).`,
    );
  const steps = buildSteps(after, STANDARD_TARGET);
  const names = stateNames(steps);
  const sameGame = before.objective.loss === after.objective.loss;
  const named = withoutSpectralNorm(checkpoint.named, steps.layout);
  const taken = sameGame ? names : names.filter((name) => /\/(parameters|buffers|ema)$/.test(name));
  const state = {
    // Moments of Adam are of the size of the other game's gradients: they begin anew.
    ...pick(steps.initialState(after.training.seed), names),
    ...assembleState(named, taken, steps.layout, checkpoint.path),
  };
  const updates = sameGame ? progress.updates : { generator: 0, discriminator: 0 };
  await saveCheckpoint(folder, { progress: { ...progress, updates }, state }, steps, now, 1);
}

const pick = (
  state: Readonly<Record<string, Float32Array>>,
  names: readonly string[],
): Record<string, Float32Array> => Object.fromEntries(names.map((name) => [name, state[name]!]));

const remove = (folder: string, step: number): Promise<void> =>
  rm(join(folder, checkpointName(step)), { recursive: true, force: true });
