/** An output for callers: nothing is printed; progress and warnings go to who wants them, the result is kept. */
import type { Output } from "../cli/output.ts";

/** Who is told what a command would print. */
export interface Listeners {
  /** A line of progress. */
  readonly onLine?: ((text: string) => void) | undefined;
  /** Something to know or do. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** An output, and the document that was its result. */
export function quietOutput({ onLine, onWarning }: Listeners): { output: Output; document: () => unknown } {
  let kept: unknown;
  const output: Output = {
    json: true,
    interactive: false,
    columns: 99,
    rows: 24,
    line: (text) => onLine?.(text),
    warning: (text) => onWarning?.(text),
    status: () => undefined,
    result(_, document) {
      kept = document;
    },
  };
  return { output, document: () => kept };
}
