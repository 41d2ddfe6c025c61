/**
 * Wrong content of a file is the user's mistake: it is checked against a schema before anything
 * reads it, and told in words.
 */
import type { z } from "zod";
import { UserError } from "./errors.ts";

/** What messages about a file's content say. */
export interface Checked {
  /** The file's name, as the user knows it. */
  readonly where: string;
  /** What to do about wrong content. */
  readonly hint: string;
  /** Whether people write such files: then what is wrong is no damage. */
  readonly byHand?: boolean;
}

/**
 * Check a value against a schema.
 * @returns the value as the schema gives it
 * @throws UserError naming the file and the first thing that is wrong
 */
export function checkedValue<S extends z.ZodType>(schema: S, value: unknown, checked: Checked): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw damagedContent(checked, problemIn(result.error, value));
}

/**
 * Read JSON and check it against a schema.
 * @throws UserError naming the file when the text is no JSON, or says something else than it should
 */
export function checkedJson<S extends z.ZodType>(schema: S, text: string, checked: Checked): z.output<S> {
  return checkedValue(schema, parsedJson(text, checked), checked);
}

/** JSON of any content. @throws UserError naming the file when the text is none */
export function parsedJson(text: string, checked: Checked): unknown {
  if (isDeep(text)) throw damagedContent(checked, "it is nested too deep");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damagedContent(checked, "it is not JSON", error);
  }
}

/** Nothing of this program is nested deeper than ten. */
const DEEPEST = 100;

/** Whether JSON is nested so deep that whatever goes through it may run out of stack. */
export function isDeep(json: string): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{" || character === "[") {
      if (++depth > DEEPEST) return true;
    } else if (character === "}" || character === "]") depth--;
    else if (character === '"')
      for (at++; at < json.length && json[at] !== '"'; at++) if (json[at] === "\\") at++;
  }
  return false;
}

/**
 * The error for a file whose content is wrong.
 * @param what completes "FILE is damaged:", or "FILE:" for one written by hand
 */
export const damagedContent = ({ where, hint, byHand }: Checked, what: string, cause?: unknown): UserError =>
  new UserError(`${where}${byHand ? "" : " is damaged"}: ${what}.`, hint, { cause });

/** Names of JSON's types for people. */
const kindOf = (value: unknown): string => {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return { object: "an object", string: "a text", number: "a number", boolean: "true or false" }[
    typeof value as "object"
  ];
};

/** What schemas call what they expect, in words. */
const EXPECTED: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

/**
 * The first thing that is wrong with a value, in words: `progress.step should be a whole number,
 * and is a text`.
 * @param value what was checked
 */
export function problemIn(error: z.ZodError, value: unknown): string {
  const [issue] = error.issues;
  if (!issue) return "it has another form";
  const place = issue.path.map(String).join(".");
  const found = issue.path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
  const subject = place === "" ? "it" : place;
  if (issue.code === "invalid_type") {
    if (found === undefined && place !== "") return `it has no ${place}`;
    const expected = EXPECTED[issue.expected] ?? issue.expected;
    if (issue.expected === "int" && typeof found === "number")
      return `${subject} should be a whole number, and is ${found}`;
    return `${subject} should be ${expected}, and is ${kindOf(found)}`;
  }
  if (issue.code === "unrecognized_keys")
    return `${subject} has ${issue.keys.slice(0, 3).map(shortened).join(", ")}, which is not known`;
  if (issue.code === "invalid_value") {
    const known = issue.values.map((each) => String(each)).join(", ");
    return `${subject} should be ${issue.values.length > 1 ? "one of " : ""}${known}, and is ${shown(found)}`;
  }
  if (issue.code === "too_small" && issue.origin !== "array" && issue.origin !== "string")
    return `${subject} should be ${issue.minimum} or more, and is ${shown(found)}`;
  if (issue.code === "too_big" && issue.origin !== "array" && issue.origin !== "string")
    return `${subject} should be ${issue.maximum} or less, and is ${shown(found)}`;
  if (issue.code === "too_small") return `${subject} is too short`;
  if (issue.code === "too_big") return `${subject} is too long`;
  if (issue.code === "custom") return `${subject} ${issue.message}`;
  return `${subject} should be something else than ${kindOf(found)}`;
}

const shown = (value: unknown): string =>
  typeof value === "string"
    ? `"${shortened(value)}"`
    : typeof value === "number"
      ? String(value)
      : kindOf(value);

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
