/**
 * A preset: a named set of configuration values in YAML, each with a comment that says where it comes from. The comments are
 * read too, so that `presets` and `train --dry-run` can show the source of every value.
 */
import { isMap, isScalar, parseDocument } from "yaml";
import { UserError } from "../../base/errors.ts";
import { unknownPath } from "./check.ts";
import { describePath } from "./describe.ts";

/** The preset that is used when none is named. */
export const DEFAULT_PRESET = "laptop";

/** A parsed preset. */
export interface Preset {
  readonly name: string;
  /** One sentence: what it is for. */
  readonly description: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** The comment beside each value: where it comes from. */
  readonly sources: Readonly<Record<string, string>>;
}

/**
 * Parse the text of a preset. Values are not validated here beyond their paths: overrides may still change them.
 * @throws UserError when it is not YAML, or names a path that does not exist
 */
export function parsePreset(name: string, text: string): Preset {
  const document = parseDocument(text);
  const where = `preset ${name}`;
  if (document.errors[0]) throw new UserError(`${where} is not valid YAML: ${document.errors[0].message}`);
  const root = document.contents;
  if (!isMap(root)) throw new UserError(`${where} must be a YAML mapping of sections.`);

  let description = "";
  const values: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  for (const { key, value } of root.items) {
    if (String(key) === "description" && isScalar(value)) description = String(value.value);
    else if (!isMap(value)) throw unknownPath(String(key), where);
    else
      for (const entry of value.items) {
        const path = `${key}.${entry.key}`;
        if (!describePath(path)) throw unknownPath(path, where);
        values[path] = isScalar(entry.value) ? entry.value.value : entry.value;
        sources[path] = (isScalar(entry.value) ? (entry.value.comment ?? "") : "").trim();
      }
  }
  return { name, description, values, sources };
}
