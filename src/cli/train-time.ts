/**
 * `train --time`: a run that fills the time it is given on this machine as it is now. What a step costs is measured, with one thread and with
 * all; side, width, steps, averaging, decay and intervals follow (training/plan.ts). A run that is there goes on as it was planned.
 */
import { join, resolve } from "node:path";
import type { ImageStore } from "../data/index.node.ts";
import type { Engine } from "../engine/engine.ts";
import { createEngine } from "../engine/node.node.ts";
import { buildSteps } from "../objectives/build.ts";
import { flattenConfig, parseConfig } from "../training/config/check.ts";
import { judgeConfigs } from "../training/config-diff.ts";
import type { Speed } from "../training/estimate.ts";
import {
  augmentationFor,
  FEW_STEPS,
  PLANNED,
  planForTime,
  resolutionForTime,
  widthForTime,
} from "../training/plan.ts";
import { readConfig } from "../training/run-folder.node.ts";
import { isRun, numberedRuns, runName } from "../training/run-name.node.ts";
import { measureSpeed } from "../training/speed.ts";
import type { Output } from "./output.ts";
import { openImages } from "./prepare.ts";
import { withRunImages } from "./run-folder.ts";
import { formatDuration } from "./status.ts";
import type { TrainRequest } from "./train-config.ts";

/** What was asked for. */
export interface TimeAsked {
  readonly seconds: number;
  /** As the user gave it. */
  readonly shown: string;
}

/** A request with all its values, and what was opened to find them. */
export interface Prepared {
  readonly request: TrainRequest;
  readonly engine: Engine;
  readonly store: ImageStore;
}

/** Values that a plan sets besides those of `PLANNED`. */
const SIZES = ["data.resolution", "generator.width", "discriminator.width", "engine.threads"] as const;

/** Open engine and images for a request, with a plan where a time is asked for. @throws UserError as `createEngine` and `openImages` */
export async function prepareTraining(
  request: TrainRequest,
  output: Output,
  signal?: AbortSignal,
): Promise<Prepared> {
  const going = request.time && (await plannedBefore(request));
  if (!request.time || going) return open(going ?? request, output, signal);
  return plan(request, request.time, output, signal);
}

async function open(request: TrainRequest, output: Output, signal?: AbortSignal): Promise<Prepared> {
  const engine = await createEngine(request.config.engine);
  try {
    const store = await openImages(withRunImages(request.config, request.dir), output, signal);
    return { request, engine, store };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** The run that the request continues, with the values it was planned with; undefined where it begins one. */
async function plannedBefore(request: TrainRequest): Promise<TrainRequest | undefined> {
  const { config, dir, mode, given } = request;
  if (mode !== "continue") return undefined;
  const names = [32, 64, config.data.resolution].map((resolution) =>
    runName({ data: { ...config.data, resolution } }),
  );
  const runs =
    dir !== undefined
      ? [dir]
      : (
          await Promise.all([...new Set(names)].map((name) => numberedRuns(resolve(join("runs", name)))))
        ).flat();
  for (const run of runs) {
    if (!(await isRun(run))) continue;
    const before = await readConfig(run);
    const theirs = flattenConfig(before);
    const kept = [...PLANNED, ...SIZES].filter((path) => !given.has(path) && theirs[path] !== undefined);
    const ours = {
      ...flattenConfig(config),
      ...Object.fromEntries(kept.map((path) => [path, theirs[path]])),
    };
    const planned = parseConfig(ours, () => join(run, "config.json"));
    if (judgeConfigs(before, planned).refused.length > 0) continue;
    const reasons = Object.fromEntries(kept.map((path) => [path, "as the run was planned"]));
    return { ...request, config: planned, reasons: { ...request.reasons, ...reasons } };
  }
  return undefined;
}

async function plan(
  asked: TrainRequest,
  { seconds, shown }: TimeAsked,
  output: Output,
  signal?: AbortSignal,
): Promise<Prepared> {
  let request = asked;
  const free = (path: string): boolean => !asked.given.has(path);
  const put = (values: readonly { path: string; value: unknown; reason: string }[]): void => {
    const wanted = values.filter(({ path }) => free(path));
    const flat = {
      ...flattenConfig(request.config),
      ...Object.fromEntries(wanted.map((v) => [v.path, v.value])),
    };
    const reasons = Object.fromEntries(wanted.map(({ path, reason }) => [path, reason]));
    const config = parseConfig(flat, (path) => reasons[path] ?? request.reasons[path]);
    request = { ...request, config, reasons: { ...request.reasons, ...reasons } };
  };

  let engine = await createEngine(request.config.engine);
  let store: ImageStore | undefined;
  try {
    store = await openImages(withRunImages(request.config, request.dir), output, signal);
    if (asked.automatic) put([augmentationFor(store.count)]);
    const measure = (): Promise<Speed> =>
      measureSpeed(request.config, buildSteps(request.config, engine.target), engine, store!);
    output.line(`Measuring on ${engine.description} …`);
    let speed = await measure();

    if (engine.threads > 1 && request.config.engine.threads === 0 && engine.target.provider === "cpu") {
      const alone = await createEngine({ ...request.config.engine, threads: 1 });
      const all = engine;
      engine = alone;
      const slower = await measure();
      if (slower.stepSeconds < speed.stepSeconds) {
        const [one, many] = [slower, speed].map(({ stepSeconds }) => formatDuration(stepSeconds));
        output.warning(
          `Other programs take the cores of this machine: a step takes ${one} with 1 thread and ${many} with ${all.threads}. One thread is used.`,
        );
        put([{ path: "engine.threads", value: 1, reason: `${one} a step; ${many} with ${all.threads}` }]);
        speed = slower;
        await all.close();
      } else {
        engine = all;
        await alone.close();
      }
    }

    const { width, height } = store.summary;
    const side = resolutionForTime(seconds, speed.stepSeconds, Math.min(width.min, height.min));
    if (asked.automatic && free("data.resolution") && side !== request.config.data.resolution) {
      put([{ path: "data.resolution", value: side, reason: `--time ${shown} is enough for it` }]);
      store.close();
      store = undefined;
      store = await openImages(withRunImages(request.config, request.dir), output, signal);
      speed = await measure();
    }
    const wide = widthForTime(seconds, speed.stepSeconds);
    if (asked.automatic && free("generator.width") && wide !== request.config.generator.width) {
      const reason = `--time ${shown} gives it enough steps`;
      put(["generator.width", "discriminator.width"].map((path) => ({ path, value: wide, reason })));
      speed = await measure();
    }
    const decays = request.config.optimizer.decay !== "none";
    put(planForTime(seconds, speed, shown).filter(({ path }) => decays || path !== "optimizer.decayStart"));
    const { steps } = request.config.training;
    if (steps < FEW_STEPS)
      output.warning(
        `${steps} steps is little: expect shapes and colors. ${formatDuration(FEW_STEPS * speed.stepSeconds)} would show more.`,
      );
    return { request, engine, store };
  } catch (error) {
    store?.close();
    await engine.close();
    throw error;
  }
}
