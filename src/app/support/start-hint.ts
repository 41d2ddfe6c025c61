/** What the studio's page says of a folder in which nothing was trained yet. */
import { existsSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { inFlags } from "../../base/option-flags.ts";
import { option } from "../../base/option-names.ts";
import { shellWord } from "../../base/text/shell.ts";
import type { StartHint } from "../../studio/server/pages.ts";

/**
 * What the page says of a folder without runs: which one it is, and commands that make a run in it.
 * @param call the words before a command
 * @param root the folder, absolute
 * @param isOpen others can look at the page: they are told its name only, not where it lies
 */
export function startHint(call: string, root: string, isOpen: boolean, cwd = process.cwd()): StartHint {
  const usual = resolve(cwd, "runs") === root;
  const into = (name: string): string =>
    usual ? "" : ` ${inFlags(option("run", shellWord(join(root, name))))}`;
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
