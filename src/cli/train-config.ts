/** From the options of `train` to a configuration and the run it is meant for. */
import { join, resolve } from "node:path";
import { parseDuration } from "../base/duration.ts";
import { UserError } from "../base/errors.ts";
import type { ImageStore } from "../data/index.node.ts";
import { flattenConfig } from "../training/config/check.ts";
import { missingClasses, withDataClasses } from "../training/config/classes.ts";
import { DEFAULT_PRESET, type Preset } from "../training/config/preset.ts";
import { loadPreset } from "../training/config/presets.node.ts";
import { type FlagValue, type ResolvedConfig, resolveConfig } from "../training/config/resolve.ts";
import type { Config } from "../training/config/schema.ts";
import { type RunMode, readConfig } from "../training/run-folder.node.ts";
import { isRun } from "../training/run-name.node.ts";
import type { Invocation } from "./command.ts";
import type { Output } from "./output.ts";
import { canonicalSource } from "./run-folder.ts";

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

/** @throws UserError for anything in the options that is unknown, out of range or contradictory */
export async function readTrainRequest({
  args,
  options,
}: Pick<Invocation, "args" | "options">): Promise<TrainRequest> {
  const fork = options.flag("fork") === true;
  const fresh = options.flag("new") === true;
  if (fork && fresh)
    throw new UserError(
      "--fork and --new contradict each other.",
      "--fork goes on from an existing run's newest checkpoint, --new begins at step 0.",
    );
  const from = options.number("from", { whole: true, min: 1 });
  if (from !== undefined && !fork)
    throw new UserError("--from is given without --fork.", "It names the checkpoint a fork begins from.");
  const dir = options.text("run");
  if (dir === "") throw new UserError("--run needs the path of a folder.", "For example: --run runs/mine");
  const time = readTime(options);
  const preset = await basis(options.text("preset"), args[0], dir);
  const resolved = resolveConfig({ preset, sets: options.texts("set"), flags: flagValues(args[0], options) });
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
    mode: fork ? "fork" : fresh ? "new" : "continue",
    from,
    time,
    automatic: preset.name === DEFAULT_PRESET && options.text("preset") === undefined,
  };
}

function readTime(options: Invocation["options"]): TimeAsked | undefined {
  const shown = options.text("time");
  if (shown === undefined) return undefined;
  if (options.text("steps") !== undefined)
    throw new UserError("--time and --steps are two ways to say how long.", "Leave one of them out.");
  return { seconds: parseDuration(shown, "--time"), shown };
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

/** Times that `--rescue` stands for: the other game, then half its learning rate. */
const RESCUES = 2;

function flagValues(data: string | undefined, options: Invocation["options"]): FlagValue[] {
  const flags: FlagValue[] = [];
  if (data !== undefined) flags.push({ flag: "DATA", path: "data.source", value: data });
  for (const [name, path] of [
    ["steps", "training.steps"],
    ["seed", "training.seed"],
    ["threads", "engine.threads"],
    ["probe-every", "training.probeEvery"],
  ] as const) {
    const value = options.number(name, { whole: true, min: name === "steps" ? 1 : 0 });
    if (value !== undefined) flags.push({ flag: `--${name}`, path, value });
  }
  const isAutomatic = options.text("evaluate-every") === "auto";
  const every = isAutomatic ? "auto" : options.number("evaluate-every", { whole: true, min: 0 });
  if (every !== undefined)
    flags.push({ flag: "--evaluate-every", path: "training.evaluateEvery", value: every });
  const resolution = options.text("resolution");
  if (resolution !== undefined && resolution !== "auto")
    flags.push({ flag: "--resolution", path: "data.resolution", value: numberOr(resolution) });
  const width = options.text("width");
  if (width !== undefined && width !== "auto")
    for (const network of ["generator", "discriminator"])
      flags.push({ flag: "--width", path: `${network}.width`, value: numberOr(width) });
  if (resolution === "auto" || width === "auto") requireTime(options);
  const init = options.text("init");
  if (init !== undefined) flags.push({ flag: "--init", path: "training.init", value: init });
  if (options.flag("rescue") === true)
    flags.push({ flag: "--rescue", path: "training.rescue", value: RESCUES });
  const device = options.text("device");
  if (device !== undefined) flags.push({ flag: "--device", path: "engine.device", value: device });
  return flags;
}

/** A number where the text is one; what is none is refused by the configuration, in its words. */
const numberOr = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);

function requireTime(options: Invocation["options"]): void {
  if (options.text("time") !== undefined) return;
  throw new UserError(
    "auto needs --time: side and width follow from how long the run may take.",
    "For example: --time 30m --resolution auto",
  );
}

/**
 * The configuration with the classes of its images; classes without an image are warned of.
 * @throws UserError as `withDataClasses`
 */
export function withKnownClasses(
  { config, given }: Pick<TrainRequest, "config" | "given">,
  store: ImageStore,
  output: Output,
): Config {
  const known = withDataClasses(config, store, !given.has("data.classes"));
  const missing = missingClasses(known, store);
  if (missing !== undefined) output.warning(missing);
  return known;
}
