/**
 * Which runs there are below a folder. A run is a folder with a config.json; links are followed
 * only while they stay inside.
 */
import { readdir, realpath } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { leadsInside } from "../../base/disk/regular.node.ts";
import { naturalOrder } from "../../base/text/natural-order.ts";

/** A sweep's runs lie one level deeper than single ones; deeper than this nobody looks. */
const DEPTH = 3;

/** A run that was found. */
export interface FoundRun {
  /** Path below the runs folder with `/`; the folder's name when that is a run itself. */
  readonly id: string;
  /** Where it really is. */
  readonly dir: string;
}

/**
 * All runs below `root`, an existing folder, in the order of their names.
 * @param deepest how many folders below `root` a run may lie
 */
export async function findRuns(root: string, deepest = DEPTH): Promise<FoundRun[]> {
  const top = await realpath(root);
  const found: FoundRun[] = [];
  const look = async (dir: string, depth: number): Promise<void> => {
    const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
    if (entries.some((entry) => entry.name === "config.json")) {
      found.push({ id: relative(top, dir).split(sep).join("/") || basename(dir), dir });
      return;
    }
    if (depth === deepest) return;
    const folders = entries.filter(
      (entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith("."),
    );
    await Promise.all(
      folders.map(async (entry) => {
        const path = join(dir, entry.name);
        if (entry.isSymbolicLink() && !(await leadsInside(path, top))) return;
        await look(path, depth + 1);
      }),
    );
  };
  await look(top, 0);
  return found.sort((a, b) => naturalOrder(a.id, b.id));
}
