/**
 * Checks of what a caller hands to the library: JavaScript knows no types, and an option nobody
 * reads is a mistake nobody sees.
 */
import { nearest, UserError, unknownName } from "../../base/errors.ts";

/** What a value has to be, in words for the caller, and whether it is. */
export interface Kind {
  readonly words: string;
  is(value: unknown): boolean;
}

/** Every option of a call with its kind; all of them may be left out. */
export type Kinds<C> = Readonly<Record<keyof C & string, Kind>>;

export const text: Kind = { words: "a text", is: (value) => typeof value === "string" };
export const truth: Kind = { words: "true or false", is: (value) => typeof value === "boolean" };
export const texts: Kind = {
  words: "a list of texts",
  is: (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
};
/** A list of texts, or a word that stands for all of them. */
export const textsOr = (word: string): Kind => ({
  words: `a list of texts or ${JSON.stringify(word)}`,
  is: (value) => value === word || texts.is(value),
});
/** A list of whole numbers of at least `min`. */
export const wholes = (min: number): Kind => ({
  words: `a list of whole numbers ≥ ${min}`,
  is: (value) => Array.isArray(value) && value.every(whole(min).is),
});
export const callback: Kind = { words: "a function", is: (value) => typeof value === "function" };
export const values: Kind = {
  words: 'an object of values by their paths, for example { "generator.width": 32 }',
  is: isPlain,
};
export const abortSignal: Kind = {
  words: "an AbortSignal",
  is: (value) => value instanceof AbortSignal,
};
export const className: Kind = {
  words: "a text or a whole number ≥ 0",
  is: (value) => typeof value === "string" || (Number.isSafeInteger(value) && (value as number) >= 0),
};

/** A whole number from `min` to `max`. */
export const whole = (min: number, max = Number.POSITIVE_INFINITY): Kind => ({
  words: `a whole number ${range(min, max)}`,
  is: (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
});

/** A number between two others, both included. */
export const between = (min: number, max: number): Kind => ({
  words: `a number ${range(min, max)}`,
  is: (value) => typeof value === "number" && value >= min && value <= max,
});

/** A whole number from `min` to `max`, or a word that stands for one. */
export const wholeOr = (word: string, min: number, max?: number): Kind => {
  const number = whole(min, max);
  return {
    words: `${number.words} or ${JSON.stringify(word)}`,
    is: (value) => value === word || number.is(value),
  };
};

/** A whole number of at least `min`, or the word that leaves it to the program. */
export const wholeOrAuto = (min: number): Kind => wholeOr("auto", min);

/** One of some words. */
export const oneOf = (...words: readonly string[]): Kind => ({
  words: words.map((word) => JSON.stringify(word)).join(" or "),
  is: (value) => typeof value === "string" && words.includes(value),
});

const range = (min: number, max: number): string =>
  max === Number.POSITIVE_INFINITY
    ? `≥ ${min}`
    : max === Number.MAX_VALUE
      ? `≥ ${min}, finite`
      : `from ${min} to ${max}`;

/**
 * Refuse a call that says something nobody reads, or says it in the wrong type.
 * @param name of the function, for the message
 * @param call what was handed over; checked, not changed
 * @param kinds every option there is
 * @throws UserError naming the option, and the nearest one there is
 */
export function checkCall<C extends object>(name: string, call: unknown, kinds: Kinds<C>): asserts call is C {
  const known = Object.keys(kinds);
  if (!isPlain(call))
    throw new UserError(
      `${name}: the options are an object, got ${describe(call)}.`,
      `For example: { ${known[0]}: … }. Known: ${known.join(", ")}.`,
    );
  for (const [option, value] of Object.entries(call)) {
    if (!Object.hasOwn(kinds, option)) throw unknownOption(name, option, known);
    const kind = kinds[option as keyof C & string];
    if (value !== undefined && !kind.is(value))
      throw new UserError(
        `${name}: ${option} is ${kind.words}, got ${describe(value)}.`,
        `Leave ${option} out for the default.`,
      );
  }
}

/** Refuse a run that is not the path of a folder. @throws UserError */
export function checkRun(name: string, run: unknown): asserts run is string {
  checkWord(name, "the run", "the path of a run folder", run, `${name}("runs/mine")`);
}

/**
 * Refuse what is no text, or an empty one, where a call needs one.
 * @param name of the function, for the message
 * @param what it is called
 * @param words what it has to be
 * @param example a call with one that could be meant
 * @throws UserError
 */
export function checkWord(
  name: string,
  what: string,
  words: string,
  value: unknown,
  example: string,
): asserts value is string {
  if (typeof value !== "string" || value === "")
    throw new UserError(`${name}: ${what} is ${words}, got ${describe(value)}.`, `For example: ${example}.`);
}

function unknownOption(name: string, option: string, known: readonly string[]): UserError {
  const { message, hint } = unknownName("option", option, known);
  const single =
    known.includes("set") && nearest(option, known) === undefined
      ? `Values of the configuration belong into set: { set: { "generator.width": 32 } }. `
      : "";
  return new UserError(`${name}: ${message}`, `${single}${hint}`);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A value as an error message shows it: short, and with its type where the value alone would not
 * tell.
 */
function describe(value: unknown): string {
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 60))}`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}
