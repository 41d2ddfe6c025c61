/**
 * How the command line, and everything that people read beside it, writes the options that messages
 * name.
 */
import { type OptionForm, settingsIn, writeOptions } from "./option-names.ts";

/** An option as a flag: `steps` becomes `--steps`, `mode: "fork"` becomes `--fork`. */
export const asFlag: OptionForm = (name, value) => {
  // The operand of `train`; of other commands it is an option.
  if (name === "data" && value === undefined) return "DATA";
  if (name === "images") return value === undefined ? "--data" : `--data ${value}`;
  if (name === "as") return value === "walk" ? "--interpolate" : `--${value ?? "files"}`;
  if (name === "mode") return value === undefined ? "--new or --fork" : `--${value}`;
  if (name === "set" && value !== undefined)
    return settingsIn(value)
      .map(([path, text]) => `--set ${path}=${text}`)
      .join(" ");
  const flag = kebabCase(name);
  if (value === false) return `--no-${flag}`;
  return value === undefined || value === true ? `--${flag}` : `--${flag} ${value}`;
};

/** A message with its options as flags. */
export const inFlags = (message: string): string => writeOptions(message, asFlag);

/** `evaluateEvery` becomes `evaluate-every`. */
export const kebabCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
