/** How a process of this program ended: its exit code, and the last error that it printed. */

/**
 * How it ended. `refused`: the user must put something right, and trying again would not help;
 * `interrupted`: it was asked to end, and has saved.
 */
export type ChildExit = "done" | "refused" | "interrupted" | "crashed";

/** The command line's exit codes; others are crashes. */
const EXITS = new Map<number | null, ChildExit>([
  [0, "done"],
  [2, "refused"],
  [130, "interrupted"],
]);

/** From an exit code; null where a signal ended it. */
export const exitOf = (code: number | null): ChildExit => EXITS.get(code) ?? "crashed";

/**
 * What went wrong, in its own words: from the last line that begins with `error:` on, else the last
 * line.
 * @param printed the end of what it printed
 */
export function lastError(printed: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colors begin with one
  const plain = printed.replace(/\u001b\[[0-9;]*m/g, "").trim();
  const lines = plain.split("\n");
  const at = lines.findLastIndex((line) => line.startsWith("error:"));
  return at < 0 ? (lines.at(-1) ?? "") : lines.slice(at).join("\n").slice("error:".length).trim();
}
