/** The use case `studio --snapshot`: the studio's page over some runs, as one file. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { requireWritable, writeFileWhole } from "../base/disk/files.node.ts";
import { UserError } from "../base/errors.ts";
import { option } from "../base/option-names.ts";
import { createRunCatalog } from "../studio/runs/run-catalog.ts";
import { loadPage } from "../studio/server/pages.ts";
import { collect } from "../studio/snapshot/collect.ts";
import { onePage } from "../studio/snapshot/page.ts";
import type { Context } from "./context.ts";

/** Grids of each run, unless another number is given. */
const GRIDS = 12;

/** Runs from which on it is said that looking into each takes a while. */
const MANY = 4;

/** What to save, and where. */
export interface SnapshotOptions {
  /** The folder of runs, or one run; `runs` unless given. */
  readonly runs?: string | undefined;
  /** An HTML file. */
  readonly out: string;
  /** Grids of each run, evenly from the first to the last; 12 unless given. */
  readonly grids?: number | undefined;
  /** Whether the newest checkpoint of each run is looked into; it is unless this is false. */
  readonly inside?: boolean | undefined;
}

/** What was saved: the document of `studio --snapshot FILE --json`. */
export interface SnapshotResult {
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  /** Names of the runs, as the page has them. */
  readonly runs: readonly string[];
}

/**
 * Save the studio's page with everything it shows of some runs.
 * @throws UserError when there are no runs, they are too much for one page, or the file cannot be
 * written; the signal's reason when it aborts, with nothing written
 */
export async function saveSnapshot(
  { runs = "runs", out, grids = GRIDS, inside = true }: SnapshotOptions,
  { report, signal }: Context,
): Promise<SnapshotResult> {
  if (!/\.html?$/i.test(out))
    throw new UserError(
      `${option("snapshot", out)}: a saved page is an HTML file.`,
      "Let the name end in .html.",
    );
  const root = resolve(runs);
  if (!(await stat(root).catch(() => undefined))?.isDirectory())
    throw new UserError(`There is no folder ${runs}.`, "Name a folder that holds runs, or one run.");
  const path = resolve(out);
  await requireWritable(path);
  const catalog = createRunCatalog(root);
  try {
    const found = (await catalog.list()).map(({ id }) => id);
    if (found.length === 0)
      throw new UserError(`${runs} holds no runs.`, "Name a folder that holds runs, or one run.");
    if (inside && found.length >= MANY)
      void report({
        kind: "note",
        message: `Looking into the discriminators of ${found.length} runs takes some seconds each; ${option("inside", false)} leaves that out.`,
      });
    const carried = await collect(catalog, {
      ...{ grids, inside, signal },
      onRun: (run) => void report({ kind: "progress", activity: "picturing", run }),
      onUnreadable: (run, why) =>
        void report({ kind: "warning", message: `${run} is in the page by its name only: ${why}` }),
    });
    const html = onePage(loadPage(), carried);
    signal.throwIfAborted();
    await writeFileWhole(path, html);
    return { file: path, bytes: Buffer.byteLength(html), runs: found };
  } finally {
    await catalog.close();
  }
}
