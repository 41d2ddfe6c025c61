/**
 * Mistakes in what is typed after `quarterturn` that need no knowledge of the command, said in
 * words.
 */
import { nearest, UserError } from "../../base/errors.ts";
import type { Arguments, GivenOption, OptionSpec } from "./arguments.ts";

/** What the arguments are held against. */
export interface DeclaredArguments {
  /** The command's name; undefined where none was typed. */
  readonly name: string | undefined;
  /** The command and its operands: `sample <run>`, `report <...runs>`, `train [data]`. */
  readonly usage: string | undefined;
  readonly options: readonly OptionSpec[];
}

/**
 * Refuse options that a command does not have.
 * @throws UserError for an option that is not declared
 */
export function refuseUnknownOptions({ name, options }: DeclaredArguments, { given }: Arguments): void {
  const unknown = given.find((option) => !options.some((spec) => matches(spec, option)));
  refuseNegativeNumbers(unknown, given);
  if (!unknown) return;
  const flags = [...new Set(options.map((spec) => `--${spec.negated ? "no-" : ""}${spec.name}`))];
  const near = nearest(unknown.typed, flags);
  throw new UserError(
    `Unknown option "${unknown.typed}"${name === undefined ? "" : ` for ${name}`}.`,
    `${near ? `Did you mean "${near}"? ` : ""}Known: ${flags.join(", ")}.`,
  );
}

/**
 * A flag may be said and denied, whichever form is declared; an option with a value is only given.
 */
const matches = (spec: OptionSpec, { name, negated, typed }: GivenOption): boolean =>
  (spec.name === name && !(negated && spec.takesValue)) || typed === `-${spec.short}`;

function refuseNegativeNumbers(unknown: GivenOption | undefined, given: readonly GivenOption[]): void {
  const separate = given.find(({ value, inline }) => !inline && value !== undefined && /^-\d/.test(value));
  const negative = separate?.value ?? (unknown && /^-\d/.test(unknown.typed) ? unknown.typed : undefined);
  if (negative !== undefined)
    throw new UserError(`"${negative}" is a negative number.`, "No option takes one, and no operand is one.");
}

/**
 * Refuse arguments that do not fit what a command declares.
 * @throws UserError for a value that is missing or that nothing takes, and for too few or too many
 * operands
 */
export function checkArguments({ name, usage = "", options }: DeclaredArguments, args: Arguments): void {
  const hint = `Usage: quarterturn ${usage} [options]. "quarterturn ${name} --help" shows them.`;
  for (const { name: option, typed, value, inline } of args.given) {
    const spec = options.find((each) => each.name === option && each.takesValue);
    if (spec && (value === undefined || (inline ? value === "" : value.startsWith("-"))))
      throw new UserError(`Option "${spec.flags}" value is missing.`, hint);
    if (!spec && value !== undefined && !["true", "false"].includes(value))
      throw new UserError(`${typed} takes no value, got "${value}".`, hint);
  }
  const operands = [...usage.matchAll(/<[^>]+>|\[[^\]]+\]/g)].map(([operand]) => operand);
  if (args.operands.length < operands.filter((operand) => operand.startsWith("<")).length)
    throw new UserError(`Missing required args for command "${usage}".`, hint);
  const max = operands.some((operand) => operand.includes("...")) ? Infinity : operands.length;
  const unused = args.operands.slice(max);
  if (unused.length > 0)
    throw new UserError(`Unused args: ${unused.map((operand) => `"${operand}"`).join(", ")}.`, hint);
}
