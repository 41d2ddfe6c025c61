/**
 * Options of use cases in messages. A use case does not know who calls it: where a message names an
 * option, it is marked, and whoever shows the message writes it in a form of its own. A program
 * reads `steps`, or `time: "30m"`; the command line makes it `--steps`, or `--time 30m`.
 */

/** Every option that a message names. */
export const OPTION_NAMES = [
  "allCheckpoints",
  "allowHost",
  "as",
  "best",
  "block",
  "checksum",
  "class",
  "count",
  "data",
  "device",
  "discriminator",
  "ema",
  "embed",
  "evaluateEvery",
  "features",
  "files",
  "firstSeed",
  "frames",
  "from",
  "grids",
  "host",
  "images",
  "init",
  "inside",
  "jobs",
  "license",
  "list",
  "maps",
  "metrics",
  "mirror",
  "mode",
  "numbers",
  "only",
  "out",
  "port",
  "preset",
  "probeEvery",
  "repeats",
  "rescue",
  "resolution",
  "retries",
  "rotatedBatch",
  "rows",
  "run",
  "samples",
  "scale",
  "seed",
  "seeds",
  "set",
  "snapshot",
  "split",
  "step",
  "steps",
  "threads",
  "threshold",
  "time",
  "truncation",
  "turnedOnly",
  "untrained",
  "walk",
  "width",
] as const;

/** One of them. */
export type OptionName = (typeof OPTION_NAMES)[number];

/** What an option may be set to in a message. */
export type OptionValue = string | number | boolean;

/** How an option is written. */
export type OptionForm = (name: OptionName, value: OptionValue | undefined) => string;

/** Private characters of Unicode, which no message has for another reason. */
const [BEGIN, END] = ["\uE000", "\uE001"];
const MARKED = new RegExp(`${BEGIN}(\\w+)(?:: ([^${END}]*))?${END}`, "g");
const MARKS = new RegExp(`[${BEGIN}${END}]`, "g");

/** An option as a message names it, with a value where the message is about one. */
export function option(name: OptionName, value?: OptionValue): string {
  if (value === undefined) return `${BEGIN}${name}${END}`;
  return `${BEGIN}${name}: ${JSON.stringify(value).replace(MARKS, "")}${END}`;
}

/** A value of the configuration as an option: `set: { "data.split": "train" }`. */
export const setting = (path: string, value: OptionValue): string => settings([path, value]);

/** Several values of the configuration, to be set together. */
export const settings = (...values: readonly (readonly [path: string, value: OptionValue])[]): string =>
  option("set", values.map(([path, value]) => `${path}=${value}`).join(BETWEEN));

/** Between two values of the configuration; no value has it. */
const BETWEEN = "\n";

/** The values that a message about the option `set` names, each with its path. */
export const settingsIn = (value: OptionValue): (readonly [path: string, value: string])[] =>
  String(value)
    .split(BETWEEN)
    .map((text) => {
      const equals = text.indexOf("=");
      return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
    });

/** Options that are called something else in a program; `data` is an operand of most commands. */
const OTHERS: Readonly<Partial<Record<OptionName, string>>> = { images: "data", snapshot: "out" };

/** As programs write it. */
const asInCode: OptionForm = (name, value) => {
  const own = OTHERS[name] ?? name;
  if (value === undefined) return own;
  if (name !== "set") return `${own}: ${JSON.stringify(value)}`;
  const values = settingsIn(value).map(([path, text]) => `${JSON.stringify(path)}: ${literal(text)}`);
  return `set: { ${values.join(", ")} }`;
};

/** A value as a program writes it; a word in capitals stands for one. */
export const literal = (value: string): string =>
  /^(true|false|null|-?\d+(\.\d+)?(e-?\d+)?|[A-Z]+)$/.test(value) ? value : JSON.stringify(value);

/** A message with its options written out, as programs write them unless another form is given. */
export const writeOptions = (message: string, form: OptionForm = asInCode): string =>
  message.replace(MARKED, (_, name: OptionName, value: string | undefined) =>
    form(name, value === undefined ? undefined : (JSON.parse(value) as OptionValue)),
  );
