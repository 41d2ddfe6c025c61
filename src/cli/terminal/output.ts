/**
 * Where a command's words go. For people: everything on stdout, with one line that is redrawn in
 * place on a terminal. With `--json`: progress on stderr and exactly one JSON document on stdout.
 */
import { jsonWithoutControls } from "../../base/text/printable.ts";
import { maskingReplacer } from "../../base/text/secrets.ts";
import { colors, terminalText } from "./colors.ts";
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
  /**
   * The line at the bottom that is drawn over, or several of them; nothing happens where that is
   * not possible.
   */
  status(text: string): void;
  /** The result: text for people, the document with `--json`. */
  result(text: string, document: unknown): void;
}

/**
 * What is used of a stream. Spelled out, as callers' programs read this type too and may not have
 * Node's.
 */
interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/**
 * Characters that a line on a stream may have; any number where it is no terminal, as programs read
 * lines.
 */
export const widthOf = ({ isTTY, columns }: Pick<Stream, "isTTY" | "columns">): number =>
  isTTY && columns ? columns : Number.POSITIVE_INFINITY;

/**
 * A document as it is printed: without the secrets of addresses, and without anything a terminal
 * would obey.
 */
export const jsonText = (document: unknown): string =>
  `${jsonWithoutControls(JSON.stringify(document, maskingReplacer, 2))}\n`;

/**
 * Text as a stream may have it, with its lines broken at words; cleaned first, as what is taken out
 * has no width.
 */
const printable = (text: string, stream: Stream): string => wrapText(terminalText(text), widthOf(stream));

/**
 * Milliseconds between two redraws: more than ten a second nobody can read, and terminals far away
 * are slow.
 */
const REDRAW_EVERY = 100;

/** How an output is drawn. */
interface Drawing {
  /** Whether nothing is drawn over, as on a terminal that cannot: each line is written once. */
  readonly plain?: boolean;
  readonly stdout?: Stream;
  readonly stderr?: Stream;
  /**
   * Milliseconds between two redraws of the status; what comes sooner waits, and only the last of
   * it is drawn.
   */
  readonly redrawEvery?: number;
}

/** An output on this process's streams, or on those given. */
export function createOutput(
  json: boolean,
  {
    plain = false,
    stdout = process.stdout,
    stderr = process.stderr,
    redrawEvery = REDRAW_EVERY,
  }: Drawing = {},
): Output {
  const progress = json ? stderr : stdout;
  const interactive = progress.isTTY === true && process.env.TERM !== "dumb" && !plain;
  /** Lines at the bottom that are drawn over. */
  let shown = 0;
  const toFirst = (): string => (shown > 1 ? `\r\u001b[${shown - 1}A` : "\r");
  let drawn = Number.NEGATIVE_INFINITY;
  let waiting: { readonly timer: NodeJS.Timeout; text: string } | undefined;
  const draw = (text: string): void => {
    const lines = terminalText(text).split("\n");
    const rest = shown > lines.length ? "\u001b[J" : "";
    progress.write(`${toFirst()}${lines.map((each) => `${each}\u001b[K`).join("\n")}${rest}`);
    shown = lines.length;
    drawn = performance.now();
  };
  const clear = (): void => {
    clearTimeout(waiting?.timer);
    waiting = undefined;
    if (shown > 0) progress.write(`${toFirst()}\u001b[${shown > 1 ? "J" : "K"}`);
    shown = 0;
  };
  const line = (text: string): void => {
    clear();
    progress.write(`${printable(text, progress)}\n`);
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
    warning: (text) => line(`${colors.yellow("warning:")} ${text}`),
    status(text) {
      if (!interactive) return;
      const early = drawn + redrawEvery - performance.now();
      if (waiting) waiting.text = text;
      else if (early <= 0) draw(text);
      else {
        const later = (): void => {
          const last = waiting!.text;
          waiting = undefined;
          draw(last);
        };
        waiting = { timer: setTimeout(later, early).unref(), text };
      }
    },
    result(text, document) {
      clear();
      stdout.write(json ? jsonText(document) : text === "" ? "" : `${printable(text, stdout)}\n`);
    },
  };
}
