/**
 * A preset: a named set of configuration values in YAML, each with a comment that says where it
 * comes from. The comments are read too, so that `presets` and `train --dry-run` can show the
 * source of every value. A preset may extend another one (`extends: NAME`): it takes over all of
 * its values and says only what is different.
 */
import { isMap, isScalar } from "yaml";
import { UserError } from "../../base/errors.ts";
import { parseYamlDocument } from "../../base/text/yaml.ts";
import { unknownPath } from "./check.ts";
import { describePath } from "./describe.ts";

/** The preset that is used when none is named. */
export const DEFAULT_PRESET = "laptop";

/** A parsed preset. */
export interface Preset {
  readonly name: string;
  /** One sentence: what it is for. */
  readonly description: string;
  /** Where the values come from as a whole: the paper, a program's configuration. */
  readonly source: string;
  /**
   * The preset it extends, as it is written; undefined when it stands for itself, or once it has
   * been completed.
   */
  readonly extends?: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  /** The comment beside each value: where it comes from. */
  readonly sources: Readonly<Record<string, string>>;
  /**
   * Why all of its values are what they are, where it is no preset but the configuration of a run.
   */
  readonly reason?: string | undefined;
}

/**
 * Parse the text of a preset. Values are not validated here beyond their paths: overrides may still
 * change them.
 * @throws UserError when it is not YAML, or names a path that does not exist
 */
export function parsePreset(name: string, text: string): Preset {
  const where = `preset ${name}`;
  const document = parseYamlDocument(text, {
    where,
    hint: "It should be YAML: sections of values.",
    byHand: true,
  });
  const root = document.contents;
  if (!isMap(root)) throw new UserError(`${where} must be a YAML mapping of sections.`);

  const texts: Partial<Record<"description" | "source" | "extends", string>> = {};
  const values: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  for (const { key, value } of root.items) {
    const name = String(key);
    if ((name === "description" || name === "source" || name === "extends") && isScalar(value))
      texts[name] = String(value.value);
    else if (!isMap(value)) throw unknownPath(String(key), where);
    else
      for (const entry of value.items) {
        const path = `${key}.${entry.key}`;
        if (!describePath(path)) throw unknownPath(path, where);
        values[path] = isScalar(entry.value) ? entry.value.value : entry.value;
        sources[path] = (isScalar(entry.value) ? (entry.value.comment ?? "") : "").trim();
      }
  }
  return {
    name,
    description: texts.description ?? "",
    source: texts.source ?? "",
    extends: texts.extends,
    values,
    sources,
  };
}

/**
 * A preset with all that it takes over from those it extends; what it says itself wins.
 * @param read gives a preset as it is written. @throws UserError when presets extend each other in
 * a circle
 */
export function completePreset(
  name: string,
  read: (name: string) => Preset,
  users: readonly string[] = [],
): Preset {
  if (users.includes(name))
    throw new UserError(
      `The presets ${[...users.slice(users.indexOf(name)), name].join(" → ")} extend each other in a circle.`,
      "Let one of them stand for itself.",
    );
  const own = read(name);
  if (own.extends === undefined) return own;
  const base = completePreset(own.extends, read, [...users, name]);
  return {
    name,
    description: own.description || base.description,
    source: own.source || base.source,
    values: { ...base.values, ...own.values },
    sources: { ...base.sources, ...own.sources },
  };
}
