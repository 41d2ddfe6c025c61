/** How the command line writes the options that use cases name in messages. */
import { UserError } from "../base/errors.ts";
import { type OptionForm, writeOptions } from "../base/option-names.ts";
import { kebabCase } from "./arguments.ts";

const flagOf: OptionForm = (name, value) => {
  // The operand of `train`; of other commands it is an option.
  if (name === "data" && value === undefined) return "DATA";
  if (name === "images") return value === undefined ? "--data" : `--data ${value}`;
  if (name === "as") return value === "walk" ? "--interpolate" : `--${value ?? "files"}`;
  if (name === "mode") return value === undefined ? "--new or --fork" : `--${value}`;
  const flag = kebabCase(name);
  if (value === false) return `--no-${flag}`;
  return value === undefined || value === true ? `--${flag}` : `--${flag} ${value}`;
};

/** A message with its options as flags: `steps` becomes `--steps`, `mode: "fork"` becomes `--fork`. */
export const inFlags = (message: string): string => writeOptions(message, flagOf);

/** An error for the user with its options as flags. */
export class FlagError extends UserError {
  override readonly details: UserError["details"];

  constructor(error: UserError) {
    const { message, hint } = error.written(flagOf);
    super(message, hint, { cause: error });
    this.details = error.details;
  }
}
