/**
 * From loose values to a valid configuration, or to an error a person understands: which value,
 * where it came from, what is accepted instead. Contradictions between values that are each fine
 * alone are refused here too, with the remedy.
 */
import { nearest, UserError } from "../../base/errors.ts";
import { otherDevice } from "../../engine/devices/devices.ts";
import { refuseImpossibleNetworks, withFullWidths } from "./check-networks.ts";
import { refuseObjectiveContradictions } from "./contradictions.ts";
import { describeConfig, describePath, showValue } from "./describe.ts";
import { type Config, configSchema } from "./schema.ts";

/** Configuration values by path, for example `{ "training.steps": 4000 }`. */
export type ConfigValues = Readonly<Record<string, unknown>>;

/** Says where the value at a path came from, for error messages: `--set`, `preset laptop`. */
export type OriginOf = (path: string) => string | undefined;

/**
 * Complete `values` with defaults and validate them.
 * @throws UserError for an unknown path, a value out of range, or values that contradict each other
 */
export function parseConfig(values: ConfigValues, originOf: OriginOf = () => undefined): Config {
  for (const path of Object.keys(values)) if (!describePath(path)) throw unknownPath(path, originOf(path));
  const result = configSchema.safeParse(nest(withFullWidths(values)));
  if (!result.success)
    throw badValue(result.error.issues[0]?.path.slice(0, 2).join(".") ?? "", values, originOf);
  refuseImpossibleNetworks(result.data);
  refuseObjectiveContradictions(result.data);
  return result.data;
}

/** A configuration as values by path; the inverse of `parseConfig`. */
export function flattenConfig(config: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([section, values]) =>
      isSection(values)
        ? Object.entries(values).map(([key, value]): [string, unknown] => [`${section}.${key}`, value])
        : [[section, values] as [string, unknown]],
    ),
  );
}

/** The error for a path that is not in the schema, with the nearest one that is. */
export function unknownPath(path: string, origin: string | undefined): UserError {
  const paths = describeConfig().map((row) => row.path);
  const inSection = paths.filter((known) => known.startsWith(`${path.split(".")[0]}.`));
  // `--set steps=100` leaves out the section: the last part alone says what was meant.
  const sameEnd = paths.filter((known) => known.split(".")[1] === path.split(".").at(-1));
  const near = nearest(path, paths) ?? (sameEnd.length === 1 ? sameEnd[0] : undefined);
  const sections = [...new Set(paths.map((known) => known.split(".")[0]))];
  const list =
    inSection.length > 0
      ? `Known there: ${inSection.join(", ")}.`
      : `Sections: ${sections.join(", ")}; "quarterturn presets laptop" lists every path.`;
  return new UserError(
    `Unknown configuration path "${path}"${origin ? ` (${origin})` : ""}.`,
    near ? `Did you mean "${near}"? ${list}` : list,
  );
}

function badValue(path: string, values: ConfigValues, originOf: OriginOf): UserError {
  const row = describePath(path);
  const origin = originOf(path);
  const got = showValue(values[path]);
  const near = row?.options && nearestOption(values[path], row.options);
  const other = path === "engine.device" ? otherDevice(String(values[path])) : undefined;
  return new UserError(
    `${path}: expected ${row?.type ?? "something else"}, got "${got}"${origin ? ` (${origin})` : ""}.`,
    [
      other ?? (near && `Did you mean "${near}"?`),
      row && `${row.description} Default: ${showValue(row.default)}.`,
    ]
      .filter(Boolean)
      .join(" "),
  );
}

/** Of numbers the nearest by value, of words the one most alike in writing. */
function nearestOption(value: unknown, options: readonly (string | number)[]): string | undefined {
  const numbers = options.filter((option) => typeof option === "number");
  if (numbers.length < options.length) return nearest(showValue(value), options.map(String));
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  return String(
    numbers.reduce((best, option) => (Math.abs(option - value) < Math.abs(best - value) ? option : best)),
  );
}

function nest(values: ConfigValues): Record<string, Record<string, unknown>> {
  const nested: Record<string, Record<string, unknown>> = {};
  for (const [path, value] of Object.entries(values)) {
    const [section = "", key = ""] = path.split(".");
    nested[section] = { ...nested[section], [key]: value };
  }
  return nested;
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
