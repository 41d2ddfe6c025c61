/** What `doctor` found out about one thing, in words. */
import type { MachineCheck } from "../app/events.ts";
import type { Style } from "./train-report.ts";

/** A line, and a second one where something is to be done. */
export function checkLine(
  { name, state, found, remedy }: MachineCheck,
  { faint, good = plain, bad = plain }: Style,
): string {
  const mark = state === "ok" ? good("✓") : state === "absent" ? faint("–") : bad("✗");
  return `${mark} ${name.padEnd(14)} ${found}${remedy ? `\n${" ".repeat(17)}${faint(remedy)}` : ""}`;
}

const plain = (text: string): string => text;
