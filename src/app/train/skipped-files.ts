/**
 * The whole list of files that could not be used, kept with the run: the warning on the terminal
 * names only some of them.
 */
import { join } from "node:path";
import { writeFileWhole } from "../../base/disk/files.node.ts";
import { type ImageStore, printable } from "../../data/index.node.ts";

/**
 * Write `skipped.txt` into a run folder: a line a file, its path below the data and the reason with
 * a tab between.
 * @returns its path, or undefined when every file could be used
 */
export async function writeSkipped(
  dir: string,
  { summary }: Pick<ImageStore, "summary">,
): Promise<string | undefined> {
  if (summary.skipped.length === 0) return undefined;
  const path = join(dir, "skipped.txt");
  await writeFileWhole(
    path,
    summary.skipped.map((file) => `${printable(file.path)}\t${file.reason}\n`).join(""),
  );
  return path;
}
