/** From the options of `train` to a configuration and the run it is meant for. */
import { join, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { type OptionName, option } from "../../base/option-names.ts";
import { parseDuration } from "../../base/text/format/index.ts";
import type { ImageStore } from "../../data/index.node.ts";
import { flattenConfig } from "../../training/config/check.ts";
import { everyLabelGiven, missingClasses, withDataClasses } from "../../training/config/classes.ts";
import { DEFAULT_PRESET, type Preset } from "../../training/config/preset.ts";
import { loadPreset } from "../../training/config/presets.node.ts";
import { type FlagValue, type ResolvedConfig, resolveConfig } from "../../training/config/resolve.ts";
import type { Config } from "../../training/config/schema.ts";
import { type RunMode, readConfig } from "../../training/run/folder/run-folder.node.ts";
import { isRun } from "../../training/run/folder/run-name.node.ts";
import type { Report } from "../context.ts";
import { canonicalSource } from "../support/run-folder.ts";
import type { TrainOptions } from "./options.ts";

/** How long a run shall take. */
export interface TimeAsked {
  readonly seconds: number;
  /** As the user gave it. */
  readonly shown: string;
}

/** What `train` was asked to do. */
export interface TrainRequest extends ResolvedConfig {
  /** The run folder, if the user named one. */
  readonly dir: string | undefined;
  readonly mode: RunMode;
  /** With `fork`: the step of the checkpoint to go on from. */
  readonly from: number | undefined;
  /** How long the run shall take, where that was asked for instead of a number of steps. */
  readonly time?: TimeAsked | undefined;
  /** Whether recipe and sizes follow from images and time: nobody has named a preset. */
  readonly automatic?: boolean | undefined;
}

/**
 * A training with its configuration, put together from preset, options and run folder.
 * @throws UserError for anything in the options that is unknown, out of range or contradictory
 */
export async function readTrainRequest(options: TrainOptions): Promise<TrainRequest> {
  const { data, run: dir, mode = "continue", from } = options;
  if (from !== undefined && mode !== "fork")
    throw new UserError(
      `${option("from")} is given without ${option("mode", "fork")}.`,
      "It names the checkpoint a fork begins from.",
    );
  if (dir === "")
    throw new UserError(
      `${option("run")} needs the path of a folder.`,
      `For example: ${option("run", "runs/mine")}`,
    );
  const time = readTime(options);
  const preset = await basis(options.preset, data, dir);
  const resolved = resolveConfig({ preset, sets: [], flags: givenValues(options) });
  const { init } = resolved.config.training;
  const source = canonicalSource(resolved.config.data.source);
  return {
    config: {
      ...resolved.config,
      data: { ...resolved.config.data, source },
      training: { ...resolved.config.training, init: init === null ? null : resolve(init) },
    },
    reasons: resolved.reasons,
    given: resolved.given,
    warnings: resolved.warnings,
    dir: dir === undefined ? undefined : resolve(dir),
    mode,
    from,
    time,
    automatic: preset.name === DEFAULT_PRESET && options.preset === undefined,
  };
}

function readTime({ time: shown, steps }: TrainOptions): TimeAsked | undefined {
  if (shown === undefined) return undefined;
  if (steps !== undefined)
    throw new UserError(
      `${option("time")} and ${option("steps")} are two ways to say how long.`,
      "Leave one of them out.",
    );
  return { seconds: parseDuration(shown, option("time")), shown };
}

/** The preset named, or what the run named was made with, or the default preset. */
async function basis(
  name: string | undefined,
  data: string | undefined,
  dir: string | undefined,
): Promise<Preset> {
  if (name !== undefined || data !== undefined || dir === undefined || !(await isRun(dir)))
    return loadPreset(name);
  const values = flattenConfig(await readConfig(dir));
  const where = join(dir, "config.json");
  return { name: where, description: "", source: "", values, sources: {}, reason: "as the run was begun" };
}

/** Times that `rescue` stands for: the other game, then half its learning rate. */
const RESCUES = 2;

/** The values of the configuration that the options stand for; a later one wins. */
function givenValues(options: TrainOptions): FlagValue[] {
  const values: FlagValue[] = Object.entries(options.set ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([path, value]) => ({ flag: option("set"), path, value }));
  const give = (name: OptionName, value: unknown, ...paths: readonly string[]): void => {
    if (value !== undefined) for (const path of paths) values.push({ flag: option(name), path, value });
  };
  give("data", options.data, "data.source");
  give("steps", options.steps, "training.steps");
  give("seed", options.seed, "training.seed");
  give("threads", options.threads, "engine.threads");
  give("probeEvery", options.probeEvery, "training.probeEvery");
  give("evaluateEvery", options.evaluateEvery, "training.evaluateEvery");
  if (options.resolution !== "auto") give("resolution", options.resolution, "data.resolution");
  if (options.width !== "auto") give("width", options.width, "generator.width", "discriminator.width");
  if (options.resolution === "auto" || options.width === "auto") requireTime(options);
  give("init", options.init, "training.init");
  if (options.rescue === true) give("rescue", RESCUES, "training.rescue");
  give("device", options.device, "engine.device");
  return values;
}

function requireTime({ time }: TrainOptions): void {
  if (time !== undefined) return;
  throw new UserError(
    `auto needs ${option("time")}: side and width follow from how long the run may take.`,
    `For example: ${option("time", "30m")} ${option("resolution", "auto")}`,
  );
}

/**
 * The configuration with the classes of its images; classes without an image are warned of, and
 * labels with nothing to predict.
 * @throws UserError as `withDataClasses`
 */
export function withKnownClasses(
  { config, given }: Pick<TrainRequest, "config" | "given">,
  store: ImageStore,
  report: Report,
): Config {
  const known = withDataClasses(config, store, !given.has("data.classes"));
  for (const message of [missingClasses(known, store), everyLabelGiven(known, store)])
    if (message !== undefined) void report({ kind: "warning", message });
  return known;
}
