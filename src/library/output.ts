/** An output for callers: nothing is printed; progress and warnings go to who wants them. */
import { plainText } from "../cli/colors.ts";
import type { Output } from "../cli/output.ts";

/** Who is told what a command would print. */
export interface Listeners {
  /** A line of progress. */
  readonly onLine?: ((text: string) => void) | undefined;
  /** Something to know or do. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** An output that says nothing by itself. Results are what the calls return. */
export const quietOutput = ({ onLine, onWarning }: Listeners): Output => ({
  json: true,
  interactive: false,
  columns: 99,
  rows: 24,
  line: (text) => onLine?.(plainText(text)),
  warning: (text) => onWarning?.(plainText(text)),
  status: () => undefined,
  result: () => undefined,
});
