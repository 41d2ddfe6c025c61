/** Reading the lines of a record, wherever it is kept: on a disk (metrics.node.ts), in memory (memory-run.ts) or in a page. */
import type { RecordLine } from "./events.ts";

/** A line of `metrics.jsonl`; undefined for what is none, as a line that was torn off when the process was killed. */
export function parseRecordLine(text: string): RecordLine | undefined {
  try {
    const line = JSON.parse(text) as Partial<RecordLine> | null;
    return typeof line?.step === "number" && typeof line.kind === "string" ? (line as RecordLine) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a line stays when a run goes on from `step`: what comes later is done again, and how it ended is over. */
export const isKept = (line: RecordLine, step: number): boolean => line.kind !== "ended" && line.step <= step;

/** The lines of a record that can be read, and how many cannot. */
export function parseRecord(text: string): {
  readonly lines: readonly RecordLine[];
  readonly unreadable: number;
} {
  const parsed = text
    .split("\n")
    .filter((line) => line !== "")
    .map(parseRecordLine);
  const lines = parsed.filter((line) => line !== undefined);
  return { lines, unreadable: parsed.length - lines.length };
}
