/**
 * From a sweep's variations to run folders. A run's name is a hash of its whole resolved configuration and its seed, so that the same point
 * is the same folder whoever computes it, and a change anywhere in the file makes other folders and never mixes runs.
 */
import { join } from "node:path";
import { sha256 } from "../base/files.node.ts";
import { BUILT_IN_FEATURES } from "../metrics/features/feature-network.ts";
import type { Preset } from "../training/config/preset.ts";
import { type ResolvedConfig, resolveConfig } from "../training/config/resolve.ts";
import type { Config } from "../training/config/schema.ts";
import { essentials } from "../training/config-diff.ts";
import { type SweepFile, variations } from "./file.ts";

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
 * All runs of a sweep: every variation with every seed. Seeds change slowest, so that every variation has a result before any has two.
 * @param loadPreset by name; undefined for the default
 * @throws UserError for unknown presets and paths, bad values and contradictions, before anything is trained
 */
export function planSweep(
  file: SweepFile,
  folder: string,
  loadPreset: (name: string | undefined) => Preset,
): SweepPoint[] {
  const all = variations(file);
  const points = file.seeds.flatMap((seed) =>
    all.map(({ label, preset, values }): SweepPoint => {
      const sets = Object.entries(values).map(([path, value]) => `${path}=${setText(value)}`);
      const steps =
        file.steps === undefined ? [] : [{ flag: "steps", path: "training.steps", value: file.steps }];
      const data = file.data === undefined ? [] : [{ flag: "data", path: "data.source", value: file.data }];
      const { config }: ResolvedConfig = resolveConfig({
        preset: loadPreset(preset),
        sets,
        flags: [...data, ...steps, { flag: "seeds", path: "training.seed", value: seed }],
      });
      const id = pointId(config);
      const dir = join(folder, id);
      const given = [...sets, ...pinnedFeatures(config)];
      return { id, label, seed, config, dir, arguments: trainArguments(file, preset, given, seed, dir) };
    }),
  );
  // Two variations may say the same in two ways; they are one run.
  return [...new Map(points.map((point) => [point.id, point])).values()];
}

/** The name of a configuration's run. It does not depend on the length of the run, its intervals or the device. */
export function pointId(config: Config): string {
  return sha256(essentials(config)).slice(0, 10);
}

/**
 * Runs that are compared with one another must be measured by one network, whenever and on whichever machine each of them is made: where
 * none is named, it is the one that is everywhere. It is no part of a run's name.
 */
const pinnedFeatures = ({ training: { evaluateEvery, evaluateFeatures } }: Config): string[] =>
  evaluateEvery > 0 && evaluateFeatures === null ? [`training.evaluateFeatures=${BUILT_IN_FEATURES}`] : [];

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
