/**
 * A reader that is through is kept for a moment: the next set (the test part, the other one of a
 * comparison) begins at once.
 */
import { type Reader, startReader } from "./process.node.ts";
import type { ReaderLimits } from "./watch.node.ts";

/** Milliseconds that it waits for something to do: its memory is needed for training. */
const KEPT = 3000;

let spare: { readonly reader: Reader; readonly limits: string; readonly timer: NodeJS.Timeout } | undefined;

/** The spare reader, or a new one. */
export function takeReader(limits: ReaderLimits): Reader {
  const kept = spare;
  if (!kept || kept.reader.ended || kept.limits !== JSON.stringify(limits)) return startReader(limits);
  spare = undefined;
  clearTimeout(kept.timer);
  return kept.reader;
}

/** Take back one that has nothing listed. */
export function keepReader(reader: Reader, limits: ReaderLimits): void {
  const end = (): void => reader.end(new Error("no longer needed"));
  if (spare && !spare.reader.ended) {
    end();
    return;
  }
  const timer = setTimeout(() => {
    if (spare?.reader === reader) spare = undefined;
    end();
  }, KEPT).unref();
  spare = { reader, limits: JSON.stringify(limits), timer };
}
