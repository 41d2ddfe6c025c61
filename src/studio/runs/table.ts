/**
 * The table of runs: their overviews, with the configuration values in which they differ. Runs that
 * nobody trains in and whose files are as they were are not read again.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { OverviewOfRun, RunTable } from "../protocol.ts";
import type { FoundRun } from "./discover.ts";
import type { IndexStore, KnownOverview } from "./index-store.ts";
import { overviewOf } from "./overview.ts";

/**
 * Files that decide what is seen of a run in which nobody trains; its folder changes when a lock or
 * a checkpoint folder comes or goes.
 */
const FILES = ["", "config.json", "metrics.jsonl", "samples", "evaluations.jsonl", "marks.json", "note.md"];
/** Runs that are read at a time: each has a handful of files open. */
const AT_ONCE = 16;
/** Milliseconds between two times that what was read is kept for a later start. */
const KEEP_EVERY = 30_000;

/** Reads tables, and remembers what it has read. */
export interface TableReader {
  /**
   * @param patience milliseconds after which runs that have not been read yet are told by their
   * names alone; they are read on, for the next time
   */
  read(runs: readonly FoundRun[], patience?: number): Promise<RunTable>;
  /** Keep what was read for a later start. */
  close(): Promise<void>;
}

/**
 * Reads the table of all runs in a folder.
 * @param root folder of runs
 * @param store where summaries of records are, and what an earlier start has read
 */
export function createTableReader(root: string, store: IndexStore): TableReader {
  let known = new Map<string, KnownOverview>();
  const loading = store.loadTable?.(root).then((entries) => {
    known = new Map([...entries, ...known]);
  });
  let changed = 0;
  let kept = 0;
  const underWay = new Map<string, Promise<OverviewOfRun>>();

  const readOne = async (run: FoundRun): Promise<OverviewOfRun> => {
    const signs = await signsOf(run.dir);
    const text = signs.join(" ");
    const before = known.get(run.dir);
    if (before?.signs === text && before.read.overview.id === run.id) return before.read;
    const has = (name: string): boolean => signs[FILES.indexOf(name)] !== "";
    const read = await overviewOf(run, store, has);
    const { state } = read.overview;
    const alive = state === "running" || state === "paused";
    // What trains changes without a sign: its lock is let go by the system when its process dies.
    known.set(run.dir, { signs: alive ? "" : text, read });
    changed++;
    return read;
  };
  const start = (run: FoundRun): Promise<OverviewOfRun> => {
    const work =
      underWay.get(run.dir) ??
      readOne(run).finally(() => {
        underWay.delete(run.dir);
      });
    underWay.set(run.dir, work);
    return work;
  };
  const keep = async (): Promise<void> => {
    if (changed === 0) return;
    [changed, kept] = [0, performance.now()];
    await store.saveTable?.(root, [...known]).catch(() => undefined);
  };

  return {
    async read(runs, patience = Number.POSITIVE_INFINITY) {
      await loading;
      const done = new Map<string, OverviewOfRun>();
      const waiting = runs[Symbol.iterator]();
      const work = Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (const run of waiting) done.set(run.dir, await start(run));
        }),
      ).then(async () => {
        const dirs = new Set(runs.map(({ dir }) => dir));
        known = new Map([...known].filter(([dir]) => dirs.has(dir)));
        if (performance.now() - kept > KEEP_EVERY) await keep();
      });
      await (patience === Number.POSITIVE_INFINITY ? work : Promise.race([work, pause(patience)]));
      return tableOf(runs.map((run) => done.get(run.dir) ?? known.get(run.dir)?.read ?? unread(run)));
    },
    close: keep,
  };
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds).unref());

/** A run of which only the name is known yet. */
const unread = ({ id }: FoundRun): OverviewOfRun => ({
  overview: { id, state: "stopped", step: 0, steps: 0, touched: 0, warnings: 0, unread: true },
  config: undefined,
});

/**
 * When the files of a run were changed last, and how long they are; empty for one that is not
 * there.
 */
const signsOf = (dir: string): Promise<string[]> =>
  Promise.all(
    FILES.map((name) =>
      stat(join(dir, name)).then(
        ({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`,
        () => "",
      ),
    ),
  );

/** Overviews with what sets the runs apart; what they have in common stands once. */
export function tableOf(all: readonly OverviewOfRun[]): RunTable {
  const configs = all.flatMap(({ config }) => (config ? [config] : []));
  const paths = new Set(configs.flatMap((config) => Object.keys(config)));
  const differ = new Set<string>();
  for (const path of paths) {
    const first = JSON.stringify(configs[0]![path]);
    if (configs.some((config) => JSON.stringify(config[path]) !== first)) differ.add(path);
  }
  const part = (config: Readonly<Record<string, unknown>>, differs: boolean) =>
    Object.fromEntries(Object.entries(config).filter(([path]) => differ.has(path) === differs));
  return {
    runs: all.map(({ overview, config }) =>
      config ? { ...overview, config: part(config, true) } : overview,
    ),
    common: configs[0] ? part(configs[0], false) : {},
  };
}
