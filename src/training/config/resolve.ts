/**
 * How a run's configuration comes about: the preset, then `--set` overrides, then the command's own
 * flags, then defaults. Beside every value stands the reason it has.
 */

import { parse as parseYaml } from "yaml";
import { UserError } from "../../base/errors.ts";
import { option, setting } from "../../base/option-names.ts";
import { parseConfig, unknownPath } from "./check.ts";
import { describeConfig, describePath } from "./describe.ts";
import { refuseWithoutEffect, warningsOf } from "./effects.ts";
import type { Preset } from "./preset.ts";
import type { Config } from "./schema.ts";

/** A value given by a flag of its own, for example `--steps 100`. */
export interface FlagValue {
  /** As typed, for messages: `--steps`. */
  readonly flag: string;
  readonly path: string;
  readonly value: unknown;
}

/** What a configuration is made from. */
export interface ConfigSources {
  readonly preset: Preset;
  /** `path=value` texts, in the order given; values are YAML. A later one wins. */
  readonly sets: readonly string[];
  readonly flags: readonly FlagValue[];
  /** What the values of `sets` are called in messages, by path; `--set` unless given. */
  readonly setName?: ((path: string) => string) | undefined;
  /**
   * Paths that may be given though they have no effect here (`whyIdle` says which have none); none
   * unless given.
   */
  readonly mayBeIdle?: readonly string[] | undefined;
}

/** A configuration and, by path, why each value is what it is. */
export interface ResolvedConfig {
  readonly config: Config;
  readonly reasons: Readonly<Record<string, string>>;
  /**
   * Paths whose value was given by `--set` or a flag, not by the preset or the run that is
   * continued.
   */
  readonly given: ReadonlySet<string>;
  /**
   * Of values that nobody gave but do nothing in a run of this length, and of settings that rarely
   * end well.
   */
  readonly warnings: readonly string[];
}

/**
 * Put a configuration together.
 * @throws UserError for unknown paths, bad values, contradictions, and values that could have no
 * effect
 */
export function resolveConfig({
  preset,
  sets,
  flags,
  setName = () => option("set"),
  mayBeIdle = [],
}: ConfigSources): ResolvedConfig {
  const values: Record<string, unknown> = { ...preset.values };
  const origin: Record<string, string> = {};
  for (const path of Object.keys(preset.values)) {
    const source = preset.sources[path];
    origin[path] = preset.reason ?? (source ? `preset ${preset.name}: ${source}` : `preset ${preset.name}`);
  }
  const overrides = [...sets.map((text) => parseSet(text, setName)), ...flags];
  const given = new Map<string, FlagValue>();
  for (const override of overrides) {
    const before = given.get(override.path);
    if (before && before.flag !== override.flag && before.value !== override.value)
      throw new UserError(
        `${override.path} is given twice: ${before.value} by ${before.flag} and ${override.value} by ${override.flag}.`,
        "Leave one of them out.",
      );
    given.set(override.path, override);
    values[override.path] = override.value;
    origin[override.path] = `given by ${override.flag}`;
  }
  // Every penalty wants a weight; what a preset without one says of it does not count.
  if (isOn(values["objective.penalty"]) && !values["objective.lambda"] && !given.has("objective.lambda")) {
    values["objective.lambda"] = 1;
    origin["objective.lambda"] = "compare_gan's default where there is a penalty";
  }
  const config = parseConfig(values, (path) => given.get(path)?.flag ?? origin[path]);
  refuseWithoutEffect(config, new Set([...given.keys()].filter((path) => !mayBeIdle.includes(path))));
  const reasons = Object.fromEntries(
    describeConfig().map((row) => [row.path, origin[row.path] ?? `default (${row.source})`]),
  );
  return {
    config,
    reasons,
    given: new Set(given.keys()),
    warnings: warningsOf(config, (path) => reasons[path] ?? ""),
  };
}

/**
 * `training.steps=100` → the path and the value.
 * @throws UserError for another form, an unknown path, no value
 */
export function parseSet(text: string, setName: (path: string) => string = () => option("set")): FlagValue {
  const equals = text.indexOf("=");
  if (equals < 1)
    throw new UserError(
      `${option("set")} ${text}: expected path=value.`,
      `For example: ${setting("training.batchSize", 32)}`,
    );
  return parseSetting(text.slice(0, equals).trim(), text.slice(equals + 1).trim(), setName);
}

/**
 * A value of the configuration out of text, which is YAML; text stays text where text is wanted.
 * @throws UserError for an unknown path, or an empty text
 */
export function parseSetting(path: string, raw: string, setName: (path: string) => string): FlagValue {
  const row = describePath(path);
  if (!row) throw unknownPath(path, setName(path));
  if (raw === "")
    throw new UserError(`${setName(path)} ${path}=: the value is missing.`, `Expected: ${row.type}.`);
  return { flag: setName(path), path, value: row.text ? (raw === "null" ? null : raw) : parseScalar(raw) };
}

function parseScalar(raw: string): unknown {
  try {
    return parseYaml(raw, { logLevel: "error" });
  } catch {
    return raw;
  }
}

const isOn = (value: unknown): boolean => value !== undefined && value !== "none";
