/**
 * How this program was called, so that a command that is shown to be copied works where it is
 * pasted.
 */
import { basename, relative } from "node:path";
import { startHint } from "../app/support/start-hint.ts";
import { shellWord } from "../base/text/shell.ts";
import type { StartHint } from "../studio/server/pages.ts";

/**
 * The words before a command: `quarterturn`, `npx quarterturn`, `npm run --silent quarterturn --`,
 * or Node with the path of the program.
 */
export function calledAs(
  argv: readonly string[] = process.argv,
  env: NodeJS.ProcessEnv = process.env,
  cwd = process.cwd(),
): string {
  if (env.npm_lifecycle_event !== undefined && env.npm_command !== "exec")
    return "npm run --silent quarterturn --";
  if (env.npm_command === "exec") return "npx quarterturn";
  const program = argv[1] ?? "quarterturn";
  // Links that package managers make have no ending.
  if (basename(program) === "quarterturn" || basename(program) === "quarterturn.cmd") return "quarterturn";
  const near = relative(cwd, program);
  return `node ${shellWord(near.startsWith("..") ? program : near)}`;
}

/** What the page says of a folder without runs, with commands as this program was called. */
export const startHintAsCalled = (root: string, isOpen: boolean): StartHint =>
  startHint(calledAs(), root, isOpen);
