/**
 * Where a command's words go. For people: everything on stdout, with one line that is redrawn in place on a terminal. With
 * `--json`: progress on stderr and exactly one JSON document on stdout.
 */
import pc from "picocolors";
import { wrapText } from "./wrap.ts";

/** The output of one command. */
export interface Output {
  readonly json: boolean;
  /** Whether lines can be redrawn in place, how wide they may be and how many there is room for. */
  readonly interactive: boolean;
  readonly columns: number;
  readonly rows: number;
  /** One or more lines of progress, which a person may want to read again later. */
  line(text: string): void;
  /** Something the user should know or do. */
  warning(text: string): void;
  /** The line at the bottom that is drawn over, or several of them; nothing happens where that is not possible. */
  status(text: string): void;
  /** The result: text for people, the document with `--json`. */
  result(text: string, document: unknown): void;
}

type Stream = Pick<NodeJS.WriteStream, "write"> & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Characters that a line on a stream may have; any number where it is no terminal, as programs read lines. */
export const widthOf = ({ isTTY, columns }: Pick<Stream, "isTTY" | "columns">): number =>
  isTTY && columns ? columns : Number.POSITIVE_INFINITY;

/** An output on this process's streams. */
export function createOutput(
  json: boolean,
  stdout: Stream = process.stdout,
  stderr: Stream = process.stderr,
): Output {
  const progress = json ? stderr : stdout;
  const interactive = progress.isTTY === true && process.env.TERM !== "dumb";
  /** Lines at the bottom that are drawn over. */
  let shown = 0;
  const toFirst = (): string => (shown > 1 ? `\r\u001b[${shown - 1}A` : "\r");
  const clear = (): void => {
    if (shown > 0) progress.write(`${toFirst()}\u001b[${shown > 1 ? "J" : "K"}`);
    shown = 0;
  };
  const line = (text: string): void => {
    clear();
    progress.write(`${wrapText(text, widthOf(progress))}\n`);
  };
  return {
    json,
    interactive,
    get columns() {
      return (progress.columns || 100) - 1;
    },
    get rows() {
      return progress.rows || 24;
    },
    line,
    warning: (text) => line(`${pc.yellow("warning:")} ${text}`),
    status(text) {
      if (!interactive) return;
      const lines = text.split("\n");
      const rest = shown > lines.length ? "\u001b[J" : "";
      progress.write(`${toFirst()}${lines.map((each) => `${each}\u001b[K`).join("\n")}${rest}`);
      shown = lines.length;
    },
    result(text, document) {
      clear();
      const printed = json ? JSON.stringify(document, null, 2) : wrapText(text, widthOf(stdout));
      stdout.write(printed === "" ? "" : `${printed}\n`);
    },
  };
}
