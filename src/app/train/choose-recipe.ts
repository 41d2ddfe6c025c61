/**
 * What `train` finds out before it begins: which recipe suits the images, and with a time how to
 * fill the time on this machine as it is now. What a step costs is measured, with one thread and
 * with all; side, width, steps, averaging, decay and intervals follow (training/plan.ts). A run
 * that is there goes on as it was begun.
 */
import { join, resolve } from "node:path";
import { option } from "../../base/option-names.ts";
import { formatDuration } from "../../base/text/format/index.ts";
import { smallOnGroundShare } from "../../data/decode/plain-share.ts";
import type { ImageStore } from "../../data/index.node.ts";
import type { Engine } from "../../engine/engine.ts";
import { createEngine } from "../../engine/node.node.ts";
import { buildSteps } from "../../objectives/build.ts";
import { taskOf } from "../../objectives/pretext/registry.ts";
import { flattenConfig, parseConfig } from "../../training/config/check.ts";
import type { Speed } from "../../training/estimate.ts";
import { readChanges } from "../../training/loop/control/control.node.ts";
import { finishRescue } from "../../training/loop/health/rescue.node.ts";
import {
  augmentationFor,
  CHOSEN,
  FEW_STEPS,
  GAME,
  gameFor,
  NETWORKS,
  networksFor,
  type PlannedValue,
  planForTime,
  resolutionForTime,
  TIMED,
  widthForTime,
} from "../../training/plan.ts";
import { readConfig } from "../../training/run/folder/run-folder.node.ts";
import { isRun, numberedRuns, runName } from "../../training/run/folder/run-name.node.ts";
import { compareConfigs } from "../../training/run/record/config-diff.ts";
import { measureSpeed } from "../../training/speed.ts";
import type { Context } from "../context.ts";
import { openImages } from "../support/images.ts";
import { withRunImages } from "../support/run-folder.ts";
import { fastestEngine } from "./fastest-engine.ts";
import type { TimeAsked, TrainRequest } from "./request.ts";

/** A request with all its values, and what was opened to find them. */
export interface Prepared {
  readonly request: TrainRequest;
  readonly engine: Engine;
  readonly store: ImageStore;
}

/** Values that a plan sets besides those of plan.ts. */
const SIZES = [
  ...["data.resolution", "generator.width", "discriminator.width"],
  ...["engine.threads", "engine.precision"],
];

/**
 * Open engine and images for a request. Where nobody has named a preset, the game and the
 * augmentation follow from the images; where a time is asked for, sizes and length follow from what
 * a step costs here. A run that is there keeps what it was begun with.
 * @throws UserError as `createEngine` and `openImages`, and for a time that is too short
 */
export async function prepareTraining(request: TrainRequest, context: Context): Promise<Prepared> {
  const { time, automatic, config } = request;
  const going = time || automatic || config.training.rescue > 0 ? await begunBefore(request) : undefined;
  if (going) return open(going, context);
  if (time) return plan(request, time, context);
  const opened = await open(withNetworks(request), context);
  if (!automatic) return opened;
  const { store } = opened;
  return {
    ...opened,
    request: withValues(opened.request, [...gameOf(request, store), ...augmentationOf(request, store)]),
  };
}

/** Where nobody has chosen networks, those that suit the side of the images. */
const withNetworks = (request: TrainRequest): TrainRequest =>
  request.automatic && !NETWORKS.some((path) => request.given.has(path))
    ? withValues(request, networksFor(request.config.data.resolution))
    : request;

/**
 * Which game suits the images. Where the user has set a part of it, the rest is left to the user
 * too.
 */
function gameOf({ given, config }: TrainRequest, store: ImageStore): PlannedValue[] {
  // Where a pretext task has no adversarial loss beside it, there is no game to choose.
  const task = taskOf(config.objective);
  if (task && task.adversarial.kind !== "kept") return [];
  return [...GAME, "objective.penalties"].some((path) => given.has(path))
    ? []
    : gameFor(smallOnGroundShare(store));
}

function augmentationOf({ config: { training } }: TrainRequest, store: ImageStore): PlannedValue[] {
  return [augmentationFor(store.count, training.steps * training.batchSize * training.discIters)];
}

/** A request with values that the user has not given, each with its reason. */
function withValues(
  request: TrainRequest,
  values: readonly { readonly path: string; readonly value: unknown; readonly reason: string }[],
): TrainRequest {
  const wanted = values.filter(({ path }) => !request.given.has(path));
  const flat = {
    ...flattenConfig(request.config),
    ...Object.fromEntries(wanted.map(({ path, value }) => [path, value])),
  };
  const reasons = {
    ...request.reasons,
    ...Object.fromEntries(wanted.map(({ path, reason }) => [path, reason])),
  };
  return { ...request, config: parseConfig(flat, (path) => reasons[path]), reasons };
}

/**
 * A request with the values that the run it continues was rescued with, whatever the user has
 * given: the run has begun with that.
 */
const withRescues = (request: TrainRequest, values: readonly (readonly [string, unknown])[]): TrainRequest =>
  withValues(
    {
      ...request,
      given: new Set([...request.given].filter((path) => !values.some(([own]) => own === path))),
    },
    values.map(([path, value]) => ({ path, value, reason: "the run was rescued with it" })),
  );

async function open(request: TrainRequest, context: Context): Promise<Prepared> {
  const engine = await createEngine(request.config.engine);
  try {
    const store = await openImages(withRunImages(request.config, request.dir), context);
    return { request, engine, store };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** The request with the values of the run that it continues; undefined where it begins one. */
async function begunBefore(request: TrainRequest): Promise<TrainRequest | undefined> {
  const { config, mode, given, time, automatic } = request;
  if (mode !== "continue") return undefined;
  const chosen = time || automatic ? CHOSEN : [];
  const paths = [...chosen, ...(time ? [...TIMED, ...SIZES] : [])].filter((path) => !given.has(path));
  for (const run of await candidates(request)) {
    if (config.training.rescue > 0) await finishRescue(run);
    const before = await readConfig(run);
    const theirs = flattenConfig(before);
    const reason = "as the run was begun";
    const kept = paths.filter((path) => theirs[path] !== undefined);
    const begun = withValues(
      request,
      kept.map((path) => ({ path, value: theirs[path], reason })),
    );
    const rescued = (await readChanges(run)).flatMap(({ rescue }) => Object.entries(rescue?.to ?? {}));
    const ours = rescued.length > 0 && config.training.rescue > 0 ? withRescues(begun, rescued) : begun;
    if (compareConfigs(before, { ...config, ...ours.config }).refused.length === 0) return ours;
  }
  return undefined;
}

/**
 * Runs that the request may continue: the one named, or those of its data's name at any side that
 * it could have been planned with.
 */
async function candidates({ config, dir, given, time }: TrainRequest): Promise<string[]> {
  if (dir !== undefined) return (await isRun(dir)) ? [dir] : [];
  const sides = time && !given.has("data.resolution") ? [64, 32] : [config.data.resolution];
  const names = sides.map((resolution) => runName({ data: { ...config.data, resolution } }));
  return (await Promise.all(names.map((name) => numberedRuns(resolve(join("runs", name)))))).flat();
}

async function plan(asked: TrainRequest, { seconds, shown }: TimeAsked, context: Context): Promise<Prepared> {
  let request = withNetworks(asked);
  const free = (path: string): boolean => !asked.given.has(path);
  const put = (values: Parameters<typeof withValues>[1]): void => {
    request = withValues(request, values);
  };

  let engine = await createEngine(request.config.engine);
  let store: ImageStore | undefined;
  try {
    store = await openImages(withRunImages(request.config, request.dir), context);
    if (asked.automatic) put(gameOf(asked, store));
    const measure = (on = engine): Promise<Speed> =>
      measureSpeed(request.config, buildSteps(request.config, on.target), on, store!);
    void context.report({ kind: "trial", engine: engine.description });
    const { config } = request;
    const fastest = await fastestEngine({
      engine,
      freeThreads: config.engine.threads === 0,
      freePrecision:
        asked.automatic === true && config.engine.precision === "auto" && free("engine.precision"),
      open: (other) => createEngine({ ...config.engine, ...other }),
      measure,
      report: context.report,
    });
    engine = fastest.engine;
    put(fastest.values);
    let { speed } = fastest;

    const { width, height } = store.summary;
    const side = resolutionForTime(seconds, speed.stepSeconds, Math.min(width.min, height.min));
    if (asked.automatic && free("data.resolution") && side !== request.config.data.resolution) {
      put([{ path: "data.resolution", value: side, reason: `${option("time", shown)} is enough for it` }]);
      request = withNetworks(request);
      store.close();
      store = undefined;
      store = await openImages(withRunImages(request.config, request.dir), context);
      speed = await measure();
    }
    const wide = widthForTime(seconds, speed.stepSeconds);
    if (asked.automatic && free("generator.width") && wide !== request.config.generator.width) {
      const reason = `${option("time", shown)} gives it enough steps`;
      put(["generator.width", "discriminator.width"].map((path) => ({ path, value: wide, reason })));
      speed = await measure();
    }
    const decays = request.config.optimizer.decay !== "none";
    put(planForTime(seconds, speed, shown).filter(({ path }) => decays || path !== "optimizer.decayStart"));
    if (asked.automatic) put(augmentationOf(request, store));
    const { steps } = request.config.training;
    if (steps < FEW_STEPS)
      void context.report({
        kind: "warning",
        message: `${steps} steps is little: expect shapes and colors. ${formatDuration(FEW_STEPS * speed.stepSeconds)} would show more.`,
      });
    return { request, engine, store };
  } catch (error) {
    store?.close();
    await engine.close();
    throw error;
  }
}
