/** What `--help` prints. */
import type { OptionSpec } from "./options/arguments.ts";
import { wrapText } from "./terminal/wrap.ts";

/** A command, or the program itself. */
export interface HelpSubject {
  readonly version: string;
  /** After the program's name. */
  readonly usage: string;
  /** Commands by their names, for the program itself. */
  readonly commands?: Readonly<Record<string, { readonly usage: string; readonly description: string }>>;
  readonly options: readonly OptionSpec[];
  /** After the program's name. */
  readonly examples: readonly string[];
  /** More, at the end. */
  readonly notes?: string | undefined;
}

/** The text, with lines of at most `width` columns. */
export function helpText(subject: HelpSubject, width: number): string {
  const { version, usage, commands, options, examples, notes } = subject;
  const call = (rest: string): string => `  $ quarterturn ${rest}`;
  const sections = [
    `quarterturn/${version}`,
    section("Usage", [call(usage)]),
    ...(commands
      ? [
          section(
            "Commands",
            columns(Object.values(commands).map((entry) => [entry.usage, entry.description])),
          ),
          section(
            "More about each of them",
            Object.keys(commands).map((name) => call(`${name} --help`)),
          ),
        ]
      : []),
    section("Options", columns(options.map(({ flags, description }) => [flags, description]))),
    ...(examples.length > 0 ? [section("Examples", examples.map(call))] : []),
    ...(notes === undefined ? [] : [notes]),
  ];
  return sections.map((text) => wrapText(text.replace(/ +$/gm, ""), width)).join("\n\n");
}

const section = (title: string, lines: readonly string[]): string => `${title}:\n${lines.join("\n")}`;

/** Two columns. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
