/** What every command is made of, and how it reads its options. */
import { UserError } from "../base/errors.ts";
import { type GivenOption, readArguments } from "./options/arguments.ts";
import type { Output } from "./terminal/output.ts";

/** Exit codes of the command line. */
export const EXIT = { done: 0, bug: 1, userError: 2, interrupted: 130 } as const;

/** One command. It parses its options, calls what does the work, prints the result. */
export interface CommandModule {
  /** Flags (`--steps <n>`, `--fork`, `--no-ema`) with what they do. */
  readonly options: readonly (readonly [flags: string, description: string])[];
  /** Arguments after the command name, without the name. */
  readonly examples: readonly string[];
  /** More for `--help`, after the options. */
  readonly notes?: () => string;
  /**
   * What only `COMMAND --help TOPIC` shows, by topic: what is too long for everybody who asks for
   * help.
   */
  readonly topics?: Readonly<Record<string, () => string>>;
  /** Run it. @returns the exit code */
  run(invocation: Invocation): Promise<number>;
}

/** A command as it was called. */
export interface Invocation {
  readonly args: readonly string[];
  readonly options: CommandOptions;
  readonly output: Output;
}

/** The options given, by their names in kebab case. */
export interface CommandOptions {
  /**
   * Whether a flag without a value is given; `undefined` when neither `--name` nor `--no-name` is.
   * @throws UserError when both are
   */
  flag(name: string): boolean | undefined;
  /** The text after `--name`. @throws UserError when it is given more than once */
  text(name: string): string | undefined;
  /** Every text after `--name`, for options that may be repeated. */
  texts(name: string): string[];
  /** The number after `--name`. @throws UserError when it is not a number in the range */
  number(name: string, range?: NumberRange): number | undefined;
}

/** What a number may be. */
export interface NumberRange {
  readonly whole?: boolean;
  readonly min?: number;
  readonly max?: number;
}

/**
 * The options among the arguments, as typed: `--run 007` is the text "007".
 * @param names the options of this command that take a value
 */
export function commandOptions(argv: readonly string[], names: readonly string[]): CommandOptions {
  return optionsOf(readArguments(argv, names).given, names);
}

/** Options that were read already. @param names those that take a value */
export function optionsOf(given: readonly GivenOption[], names: readonly string[]): CommandOptions {
  const values = new Map<string, string[]>();
  const flags = new Map<string, Set<boolean>>();
  for (const { name, negated, value } of given)
    if (names.includes(name)) values.set(name, [...(values.get(name) ?? []), value ?? ""]);
    else flags.set(name, (flags.get(name) ?? new Set()).add(!negated && value !== "false"));
  const texts = (name: string): string[] => values.get(name) ?? [];
  const text = (name: string): string | undefined => {
    const all = texts(name);
    if (all.length > 1)
      throw new UserError(`--${name} is given ${all.length} times: ${all.join(", ")}.`, "Give it once.");
    return all[0];
  };
  return {
    flag(name) {
      const [said, ...others] = flags.get(name) ?? [];
      if (others.length > 0)
        throw new UserError(`--${name} and --no-${name} contradict each other.`, "Give one of them.");
      return said;
    },
    text,
    texts,
    number(name, range = {}) {
      const raw = text(name);
      return raw === undefined ? undefined : parseNumber(`--${name}`, raw, range);
    },
  };
}

/** Whether an option is given, with a value or as a flag that says yes. */
export const isGiven = (options: CommandOptions, name: string): boolean =>
  options.flag(name) === true || options.texts(name).length > 0;

/**
 * Refuse options that would change nothing here, so that nobody believes they did.
 * @param because what makes them idle: `with --evaluate nothing is written`
 * @param remedy what to do; `--name` stands for the option in it
 * @throws UserError when one of them is given
 */
export function refuseIdle(
  options: CommandOptions,
  names: readonly string[],
  because: string,
  remedy: string,
): void {
  const name = names.find((each) => isGiven(options, each));
  if (name !== undefined)
    throw new UserError(
      `--${name} would change nothing: ${because}.`,
      remedy.replaceAll("--name", `--${name}`),
    );
}

/**
 * Refuse options that belong to other actions of the same command.
 * @param action the command and its action: `data fetch`
 * @param own names of the options it takes
 * @throws UserError for an option that is another action's
 */
export function refuseForeign(
  action: string,
  own: readonly string[],
  all: CommandModule["options"],
  options: CommandOptions,
): void {
  for (const [flags] of all) {
    const option = flags.replace(/^--([a-z-]+).*$/, "$1");
    if (own.includes(option)) continue;
    if (options.flag(option) === undefined && options.texts(option).length === 0) continue;
    const taken = own.length > 0 ? own.map((each) => `--${each}`).join(", ") : "no options but --json";
    throw new UserError(`${action} takes no --${option}.`, `It takes ${taken}.`);
  }
}

function parseNumber(flag: string, raw: string, { whole = false, min, max }: NumberRange): number {
  const value = raw.trim() === "" ? Number.NaN : Number(raw);
  const fits =
    Number.isFinite(value) &&
    (!whole || Number.isSafeInteger(value)) &&
    (min === undefined || value >= min) &&
    (max === undefined || value <= max);
  if (fits) return value;
  const bounds = [min !== undefined && `≥ ${min}`, max !== undefined && `≤ ${max}`]
    .filter(Boolean)
    .join(", ");
  throw new UserError(
    `${flag} expects a ${whole ? "whole " : ""}number${bounds && ` ${bounds}`}, got "${raw}".`,
  );
}
