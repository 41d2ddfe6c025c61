/** Options of a call, as the commands read them: the library and the command line are two faces of the same work, with the same checks. */
import { kebabCase } from "../cli/arguments.ts";
import { type CommandOptions, commandOptions } from "../cli/command.ts";

/** A value a caller may give; undefined is as good as none. */
export type OptionValue = string | number | boolean | readonly string[] | undefined;

/** `{ maxItems: 3, ema: false, set: ["a=1"] }` as `--max-items 3 --no-ema --set a=1` would be read. */
export function givenOptions(values: Readonly<Record<string, OptionValue>>): CommandOptions {
  const argv: string[] = [];
  const names: string[] = [];
  for (const [key, value] of Object.entries(values)) {
    const name = kebabCase(key);
    if (value === undefined) continue;
    if (typeof value === "boolean") {
      argv.push(value ? `--${name}` : `--no-${name}`);
      continue;
    }
    names.push(name);
    for (const each of typeof value === "object" ? value : [value]) argv.push(`--${name}=${each}`);
  }
  return commandOptions(argv, names);
}
