/** How this program was called, so that a command that is shown to be copied works where it is pasted. */
import { existsSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { shellWord } from "../base/text/shell.ts";
import type { StartHint } from "../studio/server/pages.ts";

/** The words before a command: `quarterturn`, `npx quarterturn`, `npm run --silent quarterturn --`, or Node with the path of the program. */
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

/**
 * What the page says of a folder without runs: which one it is, and commands that make a run in it.
 * @param root the folder, absolute
 * @param isOpen others can look at the page: they are told its name only, not where it lies
 */
export function startHint(root: string, isOpen: boolean, cwd = process.cwd()): StartHint {
  const call = calledAs();
  const usual = resolve(cwd, "runs") === root;
  const into = (name: string): string => (usual ? "" : ` --run ${shellWord(join(root, name))}`);
  const commands = isOpen
    ? [`${call} train`, `${call} train ~/pictures`]
    : [`${call} train${into("emoji-32")}`, `${call} train ~/pictures${into("pictures-32")}`];
  const holder = existsSync(join(root, "config.json")) ? dirname(root) : root;
  const near = relative(cwd, holder) || ".";
  const place = near.startsWith("..") ? holder : near;
  return {
    folder: isOpen ? basename(root) : root,
    commands: commands as [string, string],
    ...(!isOpen && { call, place }),
  };
}
