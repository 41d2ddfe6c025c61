/**
 * Where a command's words go. For people: everything on stdout, with one line that is redrawn in place on a terminal. With
 * `--json`: progress on stderr and exactly one JSON document on stdout.
 */
import pc from "picocolors";

/** The output of one command. */
export interface Output {
  readonly json: boolean;
  /** Whether a line can be redrawn in place, and how wide it may be. */
  readonly interactive: boolean;
  readonly columns: number;
  /** One or more lines of progress, which a person may want to read again later. */
  line(text: string): void;
  /** Something the user should know or do. */
  warning(text: string): void;
  /** The line at the bottom that is drawn over; nothing happens where that is not possible. */
  status(text: string): void;
  /** The result: text for people, the document with `--json`. */
  result(text: string, document: unknown): void;
}

type Stream = Pick<NodeJS.WriteStream, "write"> & { readonly isTTY?: boolean; readonly columns?: number };

/** An output on this process's streams. */
export function createOutput(
  json: boolean,
  stdout: Stream = process.stdout,
  stderr: Stream = process.stderr,
): Output {
  const progress = json ? stderr : stdout;
  const interactive = progress.isTTY === true && process.env.TERM !== "dumb";
  let statusShown = false;
  const clear = (): void => {
    if (statusShown) progress.write("\r\u001b[K");
    statusShown = false;
  };
  const line = (text: string): void => {
    clear();
    progress.write(`${text}\n`);
  };
  return {
    json,
    interactive,
    get columns() {
      return (progress.columns || 100) - 1;
    },
    line,
    warning: (text) => line(`${pc.yellow("warning:")} ${text}`),
    status(text) {
      if (!interactive) return;
      progress.write(`\r${text}\u001b[K`);
      statusShown = true;
    },
    result(text, document) {
      clear();
      stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : text === "" ? "" : `${text}\n`);
    },
  };
}
