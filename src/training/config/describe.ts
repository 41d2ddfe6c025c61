/**
 * The configuration schema as rows for people: `train --help config`, `presets`, error messages and
 * the documentation table are views on these rows, so none of them can disagree with what is
 * validated.
 */
import { z } from "zod";
import { configSchema, type ValueNotes } from "./schema.ts";

/** One configuration value, described. */
export interface ConfigRow {
  /** For example `training.steps`. */
  readonly path: string;
  /** What is accepted, in words: `whole number ≥ 1`, `rotation or none`. */
  readonly type: string;
  /** The accepted words or numbers, when they can be counted. */
  readonly options: readonly (string | number)[] | undefined;
  /** Whether free text is accepted (then a value that looks like a number is still text). */
  readonly text: boolean;
  readonly unit: string;
  readonly default: unknown;
  /** Where the default comes from. */
  readonly source: string;
  readonly description: string;
}

/** What a value may be, and its bounds if it is a number. */
interface TypeSchema {
  readonly const?: string | number;
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

/** The part of JSON Schema that zod makes of this configuration. */
interface ValueSchema extends ValueNotes, TypeSchema {
  readonly enum?: readonly (string | number)[];
  /** Of values that may be null, or a word. */
  readonly anyOf?: readonly TypeSchema[];
  readonly default: unknown;
}

/**
 * Values of a run by path, with those at their defaults that did not exist when it was begun: that
 * is what it did.
 * @param values of `flattenConfig`
 */
export function withLaterValues(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...Object.fromEntries(describeConfig().map((row) => [row.path, row.default])), ...values };
}

let rows: readonly ConfigRow[] | undefined;

/** Every value of the configuration, in the order of the schema. */
export function describeConfig(): readonly ConfigRow[] {
  if (rows) return rows;
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  // zod's type of a JSON Schema allows everything; this one has exactly two levels and our notes on every value.
  const sections = schema.properties as unknown as Record<
    string,
    { properties: Record<string, ValueSchema> }
  >;
  rows = Object.entries(sections).flatMap(([section, { properties }]) =>
    Object.entries(properties).map(([key, value]) => describeValue(`${section}.${key}`, value)),
  );
  return rows;
}

/** The row of one path, if there is such a value. */
export function describePath(path: string): ConfigRow | undefined {
  return describeConfig().find((row) => row.path === path);
}

/** A value as it would be typed after `--set path=`. */
export function showValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** All values as a Markdown table, for the documentation. */
export function configTable(): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const lines = describeConfig().map(
    (row) =>
      `| \`${row.path}\` | ${cell(row.type)} | ${row.unit} | \`${showValue(row.default)}\` | ${cell(row.source)} | ${cell(row.description)} |`,
  );
  return ["| Path | Type | Unit | Default | Source | Meaning |", "|---|---|---|---|---|---|", ...lines].join(
    "\n",
  );
}

function describeValue(path: string, schema: ValueSchema): ConfigRow {
  const options = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  return {
    path,
    type: inWords(options ? options.map(String) : (schema.anyOf ?? [schema]).map(typeInWords)),
    options,
    text:
      options === undefined &&
      (schema.type === "string" ||
        schema.anyOf?.some((x) => x.type === "string" && x.const === undefined) === true),
    unit: schema.unit,
    default: schema.default,
    source: schema.source,
    description: schema.description,
  };
}

function typeInWords(schema: TypeSchema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.type === "null") return "null";
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "string") return "text";
  const bounds = [
    // zod bounds integers by what a double holds exactly; that is no news to anyone.
    schema.minimum !== undefined &&
      Math.abs(schema.minimum) < Number.MAX_SAFE_INTEGER &&
      `≥ ${schema.minimum}`,
    schema.exclusiveMinimum !== undefined && `> ${schema.exclusiveMinimum}`,
    schema.maximum !== undefined && schema.maximum < Number.MAX_SAFE_INTEGER && `≤ ${schema.maximum}`,
    schema.exclusiveMaximum !== undefined && `< ${schema.exclusiveMaximum}`,
    schema.multipleOf !== undefined && `a multiple of ${schema.multipleOf}`,
  ].filter((bound) => bound !== false);
  return [schema.type === "integer" ? "whole number" : "number", bounds.join(", ")].filter(Boolean).join(" ");
}

/** `a`, `a or b`, `a, b or c`. */
export function inWords(words: readonly (string | number)[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
