/**
 * The runs of a folder as the server sees them: which there are, and an up-to-date index of those
 * that somebody looks at. Few indexes are held at a time; the others lie on the disk.
 */
import { join } from "node:path";
import { exists } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { own } from "../../base/own.ts";
import type { PretextTask } from "../../objectives/pretext/pretext-task.ts";
import { PRETEXT_TASKS } from "../../objectives/pretext/registry.ts";
import { flattenConfig } from "../../training/config/check.ts";
import { withLaterValues } from "../../training/config/describe.ts";
import { laterEvaluations } from "../../training/evaluation/evaluations.node.ts";
import { MEMORIZATION } from "../../training/evaluation/memorization-file.node.ts";
import { ADJUSTABLE, type AdjustablePath } from "../../training/loop/control/adjustable.ts";
import { readConfig } from "../../training/run/folder/run-folder.node.ts";
import { knownSessions } from "../../training/run/record/sessions.node.ts";
import { REALS } from "../../training/sampling/sample-files.node.ts";
import type { RunCurves, RunDetail, RunOverview, RunStatus, RunTable } from "../protocol.ts";
import { isWhole } from "../record/line-shapes.ts";
import { curvesOf } from "../record/series.ts";
import { type FoundRun, findRuns } from "./discover.ts";
import { createIndexStore, type IndexStore } from "./index-store.ts";
import { type RunMarks, readMarks, writeMarks } from "./marks.ts";
import { emptyIndex, type RunIndex, readOn } from "./run-index.ts";
import { statusOf } from "./status.ts";
import { createTableReader } from "./table.ts";
import { moveToTrash, type Trashed, takeFromTrash } from "./trash.ts";

/** Indexes held in memory. */
const MAX_OPEN = 24;
/** An index is saved when so many bytes were read since. */
const SAVE_AFTER = 1 << 20;
/** How long a list of folders is believed, in milliseconds. */
const LIST_FOR = 1000;

/** Raised for an id that is no run. */
export class UnknownRun extends Error {
  override readonly name = "UnknownRun";
}

/** Curves of an index, from the bucket `from` on. */
export const curvesIn = (id: string, { generation, series, lastStep }: RunIndex, from = 0): RunCurves => ({
  ...{ id, generation },
  ...curvesOf(series, lastStep, from),
});

/**
 * Access to the runs. Every method throws `UnknownRun` for an id that is none, and `UserError`
 * where the run's configuration is needed and damaged.
 */
export interface RunCatalog {
  list(): Promise<readonly RunOverview[]>;
  /** The list with what the configurations have in common. @param patience see `TableReader` */
  table(patience?: number): Promise<RunTable>;
  /** The folder of a run. */
  folder(id: string): Promise<string>;
  detail(id: string): Promise<RunDetail>;
  curves(id: string): Promise<RunCurves>;
  /** The index, read up to now, and where the run is by it. */
  look(id: string): Promise<{ readonly index: RunIndex; readonly status: RunStatus }>;
  /** Write on a run; see `writeMarks`. */
  mark(id: string, change: unknown): Promise<RunMarks>;
  /** Move a run to the trash, and put it back; see trash.ts. */
  trash(id: string): Promise<Trashed>;
  restore(ticket: unknown): Promise<string>;
  /** Save what was read. */
  close(): Promise<void>;
}

interface OpenRun {
  index: RunIndex;
  /** Bytes of it that lie on the disk. */
  saved: number;
  /** Done when `index` is what the disk had. */
  readonly loading: Promise<void>;
  reading: Promise<RunIndex> | undefined;
  used: number;
}

/**
 * The runs in a folder, read as they are asked for.
 * @param root folder of runs; it may not exist yet
 * @param deepest how many folders below it a run may lie
 */
export function createRunCatalog(
  root: string,
  store: IndexStore = createIndexStore(),
  deepest?: number,
): RunCatalog {
  const opened = new Map<string, OpenRun>();
  let listed: { readonly at: number; readonly runs: Promise<FoundRun[]> } | undefined;
  const tables = createTableReader(root, store);
  let uses = 0;

  const runs = (anew = false): Promise<FoundRun[]> => {
    const now = performance.now();
    if (anew || !listed || now - listed.at > LIST_FOR)
      listed = { at: now, runs: findRuns(root, deepest).catch(() => []) };
    return listed.runs;
  };

  const fresh = shared(() => runs(true));
  const folder = async (id: string): Promise<string> => {
    const byId = (all: readonly FoundRun[]) => all.find((run) => run.id === id);
    const run = byId(await runs()) ?? byId(await fresh());
    if (!run) throw new UnknownRun(id);
    return run.dir;
  };

  const save = async (dir: string, run: OpenRun): Promise<void> => {
    run.saved = run.index.offset;
    // The cache is a convenience: a full disk must not end what is watched.
    await store.save(dir, run.index).catch(() => undefined);
  };

  const forgetOldest = async (): Promise<void> => {
    if (opened.size <= MAX_OPEN) return;
    const [dir, run] = [...opened].sort(([, a], [, b]) => a.used - b.used)[0]!;
    opened.delete(dir);
    if (run.index.offset !== run.saved) await save(dir, run);
  };

  /** At once, so that who asks at the same time waits for the same index. */
  const openRun = (dir: string): OpenRun => {
    const run: OpenRun = {
      ...{ index: emptyIndex(), saved: 0, reading: undefined, used: 0 },
      loading: store.load(dir).then((index) => {
        run.index = index;
        run.saved = index.offset;
      }),
    };
    opened.set(dir, run);
    return run;
  };

  const readRun = async (dir: string): Promise<RunIndex> => {
    const known = opened.get(dir);
    const open = known ?? openRun(dir);
    open.used = ++uses;
    if (!known) await forgetOldest();
    open.reading ??= open.loading
      .then(() => readOn(open.index, join(dir, "metrics.jsonl")))
      .then(async (index) => {
        open.index = index;
        if (Math.abs(index.offset - open.saved) > SAVE_AFTER) await save(dir, open);
        return index;
      })
      .finally(() => {
        open.reading = undefined;
      });
    return open.reading;
  };

  const readTable = shared(async () => tables.read(await runs()));
  const lookInto = async (id: string) => {
    const dir = await folder(id);
    const path = join(dir, "config.json");
    // Deleted since the folders were listed.
    if (!(await exists(path))) throw new UnknownRun(id);
    const [index, nested] = await Promise.all([readRun(dir), readConfig(dir)]);
    const config = flattenConfig(nested);
    const steps = config["training.steps"];
    if (typeof steps !== "number")
      throw new UserError(`${path} is damaged: it has no number of steps.`, "Restore it.");
    return { dir, index, config: withLaterValues(config), status: await statusOf(dir, index, steps) };
  };

  return {
    folder,
    list: async () => (await readTable()).runs,
    table: async (patience) => tables.read(await runs(), patience),
    async mark(id, change) {
      return writeMarks(await folder(id), change);
    },
    async trash(id) {
      const trashed = await moveToTrash(root, { id, dir: await folder(id) });
      listed = undefined;
      return trashed;
    },
    async restore(ticket) {
      const id = await takeFromTrash(root, ticket);
      listed = undefined;
      return id;
    },
    look: lookInto,
    curves: async (id) => curvesIn(id, await readRun(await folder(id))),
    async detail(id) {
      const { dir, index, config, status } = await lookInto(id);
      const [reals, memorization] = await Promise.all(
        [REALS, MEMORIZATION.data].map((file) => exists(join(dir, file))),
      );
      const { samples, probes, warnings, changes, revision } = index;
      const latest = index.latest.at(-1)?.[1];
      return {
        ...(latest !== undefined && { latest }),
        ...{ id, status, config, samples, probes, warnings, changes, revision },
        ...{ reals: reals!, memorization: memorization! },
        evaluations: [...index.evaluations, ...(await laterEvaluations(dir)).filter(isWhole)],
        task: taskIn(config)?.description,
        adjustable: adjustableOf(config, status),
        marks: await readMarks(dir),
        sessions: (await knownSessions(dir)).map(({ started, fromStep, images, engine, cpu }) => ({
          ...{ started, fromStep, engine },
          ...(images && { images }),
          ...(cpu !== undefined && { cpu }),
        })),
      };
    },
    async close() {
      for (const [dir, run] of opened) if (run.index.offset !== run.saved) await save(dir, run);
      await tables.close();
    },
  };
}

/**
 * Work that many ask for at the same time, done for all of them at once. Who asks while it is under
 * way gets what is begun after that, so nobody gets what was seen before the question.
 */
function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    const mine = work().finally(() => {
      if (underWay === mine) underWay = undefined;
    });
    underWay = mine;
    return mine;
  };
  return () => {
    if (!underWay) return begin();
    next ??= underWay
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return begin();
      });
    return next;
  };
}

/** The pretext task of a run, whose configuration may be of another version. */
const taskIn = (config: Readonly<Record<string, unknown>>): PretextTask | undefined =>
  own<PretextTask | undefined>(PRETEXT_TASKS, String(config["objective.selfSupervision"]));

/** The values that can be changed, as they are in force. */
function adjustableOf(
  config: Readonly<Record<string, unknown>>,
  { control }: RunStatus,
): Record<string, number | null> {
  const ofRun = (path: AdjustablePath): boolean =>
    path === "objective.lambda"
      ? config["objective.penalty"] !== "none"
      : path.startsWith("optimizer.") ||
        (taskIn(config)?.adversarial.kind !== "replaced" &&
          taskIn(config) !== undefined &&
          config[`${path}End`] == null);
  return Object.fromEntries(
    ADJUSTABLE.filter(ofRun).map((path) => {
      const value = control?.values[path] ?? config[path];
      return [path, typeof value === "number" ? value : null];
    }),
  );
}
