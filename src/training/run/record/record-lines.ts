/**
 * Reading the lines of a record, wherever it is kept: on a disk (metrics.node.ts), in memory
 * (memory-run.ts) or in a page.
 */
import { isDeep } from "../../../base/schema.ts";
import type { RecordLine } from "../../events.ts";
import { asRecordLine } from "./record-schema.ts";

/**
 * A line of `metrics.jsonl`; undefined for what is none, as a line that was torn off when the
 * process was killed.
 */
export function parseRecordLine(text: string): RecordLine | undefined {
  const value = lineValue(text);
  return value && asRecordLine(value);
}

/**
 * A JSON object, or undefined. What does not look like one is not parsed: a damaged file may have
 * millions of such lines.
 */
function lineValue(text: string): { readonly step?: unknown; readonly kind?: unknown } | undefined {
  if (!text.startsWith("{") || !text.trimEnd().endsWith("}") || isDeep(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/**
 * Whether a line stays when a run goes on from `step`: what comes later is done again, and how it
 * ended is over.
 */
export const isKept = (line: Pick<RecordLine, "kind" | "step">, step: number): boolean =>
  line.kind !== "ended" && line.step <= step;

/**
 * The same of a line that may be of any kind, also one that a later version of this program writes;
 * false for what is none.
 */
export function isKeptText(text: string, step: number): boolean {
  const { step: own, kind } = lineValue(text) ?? {};
  return typeof own === "number" && typeof kind === "string" && kind !== "ended" && own <= step;
}

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
