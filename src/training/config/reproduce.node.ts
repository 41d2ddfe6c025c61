/**
 * How to begin a run like this one: the preset that comes nearest to its configuration, and what to
 * change of it. A run remembers its values, not the words it was begun with.
 */
import { UserError } from "../../base/errors.ts";
import { shellWord } from "../../base/text/shell.ts";
import { type ConfigChange, diffConfigs } from "../run/record/config-diff.ts";
import { showValue } from "./describe.ts";
import { loadPreset, presetNames } from "./presets.node.ts";
import { resolveConfig } from "./resolve.ts";
import type { Config } from "./schema.ts";

/** A preset and what a run does otherwise. */
export interface Reproduction {
  readonly preset: string;
  /**
   * `before` is the preset's value, `after` the run's. Without what has a flag of its own or
   * follows from the data.
   */
  readonly changes: readonly ConfigChange[];
  /** `quarterturn train DATA --preset … --steps … --set …` */
  readonly command: string;
}

/**
 * Where the data is, how long and on what: said by arguments, or another machine's business. The
 * number of classes comes from the data.
 */
const NOT_COUNTED = /^(data\.(source|classes)|training\.(steps|seed)|engine\..*)$/;

/**
 * The shortest way to describe a configuration.
 * @param data how to name the images in the command; undefined for the built-in ones
 */
export function reproduce(config: Config, data: string | undefined): Reproduction {
  const candidates = presets().map(({ preset, values }) => ({
    preset,
    changes: diffConfigs(values, config).filter(({ path }) => !NOT_COUNTED.test(path)),
  }));
  const { preset, changes } = candidates.reduce((a, b) => (b.changes.length < a.changes.length ? b : a));
  const words = [
    "quarterturn train",
    ...(data === undefined ? [] : [shellWord(data)]),
    `--preset ${preset}`,
    `--steps ${config.training.steps}`,
    `--seed ${config.training.seed}`,
    ...changes.map(({ path, after }) => `--set ${shellWord(`${path}=${showValue(after)}`)}`),
  ];
  return { preset, changes, command: words.join(" ") };
}

interface PresetValues {
  readonly preset: string;
  readonly values: Config;
}
let read: readonly PresetValues[] | undefined;

/** The presets that can stand on their own, read when first asked for. */
function presets(): readonly PresetValues[] {
  read ??= presetNames().flatMap((preset) => {
    const values = presetConfig(preset);
    return values ? [{ preset, values }] : [];
  });
  return read;
}

/** A preset's configuration; undefined for one that cannot stand without images of its own. */
function presetConfig(name: string): Config | undefined {
  try {
    return resolveConfig({ preset: loadPreset(name), sets: [], flags: [] }).config;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
