/**
 * The presets that come with the package: the YAML files of its `presets/` folder, named by their
 * path.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { unknownName } from "../../base/errors.ts";
import { completePreset, DEFAULT_PRESET, type Preset, parsePreset } from "./preset.ts";

/** Names of all presets, the default first, then in alphabetical order. */
export function presetNames(): string[] {
  const names = readdirSync(presetFolder(), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length).split(sep).join("/"))
    .sort();
  return [DEFAULT_PRESET, ...names.filter((name) => name !== DEFAULT_PRESET)];
}

/**
 * Load a preset by name, completed by those it extends.
 * @throws UserError for an unknown name, with the nearest one, and for presets that extend each
 * other
 */
export function loadPreset(name: string = DEFAULT_PRESET): Preset {
  const names = presetNames();
  return completePreset(name, (wanted) => {
    if (!names.includes(wanted)) throw unknownName("preset", wanted, names);
    return parsePreset(wanted, readFileSync(join(presetFolder(), ...`${wanted}.yaml`.split("/")), "utf8"));
  });
}

/** `presets/` beside `src/` or `dist/`, whichever this file runs from. */
function presetFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) || !existsSync(join(folder, "presets"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("the presets folder of the quarterturn package is missing");
    folder = parent;
  }
  return join(folder, "presets");
}
