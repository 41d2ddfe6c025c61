/**
 * What is typed after `quarterturn`, read by `parseArgs` of `node:util`: options with and without
 * values, `--no-…` forms, and operands. What nobody declared is kept too, so that it can be refused
 * in words.
 */

import { parseArgs } from "node:util";
import { kebabCase } from "../../base/option-flags.ts";

/** An option as a command declares it. */
export interface OptionSpec {
  /** As declared: `--steps <n>`, `--no-best`, `-h, --help`. */
  readonly flags: string;
  readonly description: string;
  /** Its name in kebab case, without `no-`. */
  readonly name: string;
  /** Whether it is declared in its `--no-…` form. */
  readonly negated: boolean;
  readonly takesValue: boolean;
  /** Its one-letter form. */
  readonly short: string | undefined;
}

/** An option as it was typed. */
export interface GivenOption {
  /** With its dashes, without its value. */
  readonly typed: string;
  /** In kebab case, without `no-`. */
  readonly name: string;
  readonly negated: boolean;
  /** The text after it, or after its `=`. */
  readonly value: string | undefined;
  /** Whether the value stands after a `=`. */
  readonly inline: boolean;
}

/** All arguments of a call. */
export interface Arguments {
  readonly given: readonly GivenOption[];
  /** What is no option, and all that follows `--`. */
  readonly operands: readonly string[];
}

/** Read a declaration. @param flags `--steps <n>`, `--no-best` or `-h, --help` */
export function optionSpec([flags, description]: readonly [flags: string, description: string]): OptionSpec {
  const [, short, no, name = ""] = /^(?:-(\w), )?--(no-)?([\w-]+)/.exec(flags) ?? [];
  return { flags, description, name, negated: no !== undefined, takesValue: flags.includes("<"), short };
}

/**
 * Divide a command line into options and operands.
 * @param valued names of the options that take a value; an argument after one is its value, though
 *   it may begin with a dash
 * @param short names of flags by their one-letter forms
 */
export function readArguments(
  argv: readonly string[],
  valued: readonly string[],
  short: Readonly<Record<string, string>> = {},
): Arguments {
  const spellings = valued.flatMap((name) => [name, camelCase(name)]);
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(spellings.map((name) => [name, { type: "string" as const, multiple: true }])),
      ...Object.fromEntries(
        Object.entries(short).map(([letter, name]) => [name, { type: "boolean" as const, short: letter }]),
      ),
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given: GivenOption[] = [];
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const name = kebabCase(token.name);
    const negated = name.startsWith("no-") && !valued.includes(name);
    given.push({
      typed: token.rawName,
      name: negated ? name.slice("no-".length) : name,
      negated,
      value: token.value,
      inline: token.inlineValue === true,
    });
  }
  return { given, operands };
}

/** `dry-run` → `dryRun`. */
function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
