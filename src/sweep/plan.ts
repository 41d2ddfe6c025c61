/**
 * From a sweep's variations to run folders. A run's name is a hash of its whole resolved
 * configuration and its seed, so that the same point is the same folder whoever computes it, and a
 * change anywhere in the file makes other folders and never mixes runs.
 */

import { join } from "node:path";
import { sha256 } from "../base/disk/files.node.ts";
import { UserError } from "../base/errors.ts";
import { asFlag } from "../base/option-flags.ts";
import { type OptionForm, settingsIn } from "../base/option-names.ts";
import { BUILT_IN_FEATURES } from "../metrics/features/feature-network.ts";
import { flattenConfig } from "../training/config/check.ts";
import { whyIdle } from "../training/config/effects.ts";
import type { Preset } from "../training/config/preset.ts";
import { resolveConfig } from "../training/config/resolve.ts";
import type { Config } from "../training/config/schema.ts";
import { essentials } from "../training/run/record/config-diff.ts";
import { NO_LABEL, type SweepFile, type Variation, variations } from "./file.ts";

/** One run of a sweep. */
export interface SweepPoint {
  /** Ten hexadecimal digits. */
  readonly id: string;
  readonly label: string;
  readonly seed: number;
  readonly config: Config;
  /** The run folder. */
  readonly dir: string;
  /** Arguments of `quarterturn` that train it, begin or go on. */
  readonly arguments: readonly string[];
}

/**
 * All runs of a sweep: every variation with every seed. Seeds change slowest, so that every
 * variation has a result before any has two.
 * @param loadPreset by name; undefined for the default
 * @param where the file's name: messages then name it and the point, and speak of it and not of the
 * command line
 * @throws UserError for unknown presets and paths, bad values and contradictions, before anything
 * is trained
 */
export function planSweep(
  file: SweepFile,
  folder: string,
  loadPreset: (name: string | undefined) => Preset,
  where?: string,
): SweepPoint[] {
  const all = variations(file);
  const resolved = all.map((variation) =>
    inTermsOf(where, variation.label, () => resolveVariation(file, variation, loadPreset)),
  );
  refuseIdleEverywhere(file, where, all, resolved, loadPreset);
  const points = file.seeds.flatMap((seed) => {
    const configs = all.map(({ label }, i) => inTermsOf(where, label, () => resolved[i]!.resolve(seed)));
    const apart = idsApart(configs, all);
    return all.map(({ label, preset }, i): SweepPoint => {
      const { sets } = resolved[i]!;
      const config = configs[i]!;
      const id = apart.get(config) ?? pointId(config);
      const dir = join(folder, id);
      const given = [...sets, ...pinnedFeatures(config)];
      return { id, label, seed, config, dir, arguments: trainArguments(file, preset, given, seed, dir) };
    });
  });
  // Two variations may say the same in two ways; they are one run.
  return [...new Map(points.map((point) => [point.id, point])).values()];
}

/**
 * Names of points that differ in nothing but what a run's name leaves out (precision, threads,
 * length, intervals), where the file varies just that: it is then part of their names. All other
 * points keep the names that they have without it.
 * @param configs one for each variation, of one seed
 */
function idsApart(configs: readonly Config[], all: readonly Variation[]): ReadonlyMap<Config, string> {
  const byId = new Map<string, number[]>();
  configs.forEach((config, i) => {
    const id = pointId(config);
    byId.set(id, [...(byId.get(id) ?? []), i]);
  });
  const ids = new Map<Config, string>();
  for (const [id, same] of byId) {
    const paths = new Set(
      same.flatMap((i) => Object.keys(all[i]!.values).filter((path) => all[i]!.part(path) !== "set")),
    );
    const varied = same.map((i) => {
      const flat = flattenConfig(configs[i]!);
      return JSON.stringify([...paths].sort().map((path) => [path, flat[path]]));
    });
    if (new Set(varied).size < 2) continue;
    same.forEach((i, k) => {
      ids.set(configs[i]!, sha256(`${id} ${varied[k]}`).slice(0, 10));
    });
  }
  return ids;
}

/** A variation before its seed. */
interface ResolvedVariation {
  /** As `--set` reads them. */
  readonly sets: readonly string[];
  /** Paths of the file's common values that it has no use for. */
  readonly idle: readonly string[];
  readonly resolve: (seed: number) => Config;
}

/**
 * What the file sets for all points is meant for those that it means something to (the rotated
 * images of a batch, where the grid has points without turns); to the others it is not given. A
 * value of the point's own must do something, as everywhere.
 */
function resolveVariation(
  file: SweepFile,
  { preset, values, part }: Variation,
  loadPreset: (name: string | undefined) => Preset,
  mayBeIdle = Object.keys(values).filter((path) => part(path) !== "points"),
): ResolvedVariation {
  const source = loadPreset(preset);
  const textsWithout = (left: readonly string[]): string[] =>
    Object.entries(values)
      .filter(([path]) => !left.includes(path))
      .map(([path, value]) => `${path}=${setText(value)}`);
  const configOf = (sets: readonly string[], seed: number): Config => {
    const steps =
      file.steps === undefined ? [] : [{ flag: "steps", path: "training.steps", value: file.steps }];
    const data = file.data === undefined ? [] : [{ flag: "data", path: "data.source", value: file.data }];
    const flags = [...data, ...steps, { flag: "seeds", path: "training.seed", value: seed }];
    return resolveConfig({ preset: source, sets, flags, setName: part, mayBeIdle }).config;
  };
  const config = configOf(textsWithout([]), file.seeds[0]!);
  const idle = mayBeIdle.filter((path) => whyIdle(config, path) !== undefined);
  const inGrid = idle.find((path) => part(path) === "grid");
  if (inGrid !== undefined)
    throw new UserError(
      `the grid varies ${inGrid}, but ${whyIdle(config, inGrid)} in this point, so it would have no effect.`,
      "A grid tries every combination. List those that are wanted under points, each with a name and a set, and leave both paths out of the grid.",
    );
  const sets = textsWithout(idle);
  return { sets, idle, resolve: (seed) => configOf(sets, seed) };
}

/** A common value that no point has a use for is a mistake. */
function refuseIdleEverywhere(
  file: SweepFile,
  where: string | undefined,
  all: readonly Variation[],
  resolved: readonly ResolvedVariation[],
  loadPreset: (name: string | undefined) => Preset,
): void {
  for (const path of Object.keys(file.set)) {
    const given = all.filter(({ part }) => part(path) === "set");
    if (given.length === 0 || resolved.some(({ idle }, i) => given.includes(all[i]!) && !idle.includes(path)))
      continue;
    inTermsOf(where, given[0]!.label, () => resolveVariation(file, given[0]!, loadPreset, []));
  }
}

/**
 * Do `work`; what it refuses is said with the place in the file, and in the file's terms: `path:
 * value`.
 */
function inTermsOf<T>(where: string | undefined, label: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (where === undefined || !(error instanceof UserError)) throw error;
    const point = label === NO_LABEL ? "" : ` point "${label}":`;
    const { message, hint } = error.written(inFile);
    throw new UserError(`${where}:${point} ${message}`, hint, { cause: error });
  }
}

/** Options as a sweep's file has them. */
const inFile: OptionForm = (name, value) =>
  name === "set" && value !== undefined
    ? settingsIn(value)
        .map(([path, text]) => `${path}: ${text}`)
        .join(" and ")
    : asFlag(name, value);

/**
 * The name of a configuration's run. It does not depend on the length of the run, its intervals or
 * the device.
 */
export function pointId(config: Config): string {
  return sha256(essentials(config)).slice(0, 10);
}

/**
 * Runs that are compared with one another must be measured by one network, whenever and on
 * whichever machine each of them is made: where none is named, it is the one that is everywhere. It
 * is no part of a run's name. Measurements that a run makes for itself alone (`auto`) are at steps
 * of its own and compare nothing.
 */
const pinnedFeatures = ({ training: { evaluateEvery, evaluateFeatures } }: Config): string[] =>
  evaluateEvery !== "auto" && evaluateEvery > 0 && evaluateFeatures === null
    ? [`training.evaluateFeatures=${BUILT_IN_FEATURES}`]
    : [];

function trainArguments(
  file: SweepFile,
  preset: string | undefined,
  sets: readonly string[],
  seed: number,
  dir: string,
): string[] {
  return [
    "train",
    ...(file.data === undefined ? [] : [file.data]),
    ...(preset === undefined ? [] : ["--preset", preset]),
    ...sets.flatMap((set) => ["--set", set]),
    ...(file.steps === undefined ? [] : ["--steps", String(file.steps)]),
    "--seed",
    String(seed),
    "--run",
    dir,
    "--json",
    "--no-studio",
  ];
}

/** A value as `--set` reads it: YAML, which JSON is. */
const setText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
