/**
 * Indexes of records on the disk, so that a server that has just started need not read every record
 * anew. Each run has two files: the index, and a summary of it that is enough for the list of runs.
 * Only a cache: damaged or missing files are made again.
 */

import { join } from "node:path";
import { removeUnfinished, sha256, writeFileWhole } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { MAX_JSON_BYTES, readRegular } from "../../base/disk/regular.node.ts";
import { metricName } from "../../base/metric-quantities.ts";
import { type QuantityValues, recentQuantities } from "../../base/quantities.ts";
import { defaultCacheFolder } from "../../data/index.node.ts";
import { protocolName } from "../../metrics/protocol-name.ts";
import type { EndedEvent, EvaluationEvent } from "../../training/events.ts";
import type { MeasuredFid, OverviewOfRun } from "../protocol.ts";
import { emptyIndex, type RunIndex } from "./run-index.ts";

/** Raised when what an index holds changes. */
const VERSION = 11;

/** What the list of runs shows of a record. */
export interface RecordSummary {
  /** Bytes of the record it is made from. */
  readonly offset: number;
  readonly lastStep: number;
  readonly touched: number;
  readonly picture?: string;
  readonly fid?: MeasuredFid;
  readonly warnings: number;
  readonly quantities: QuantityValues;
  /** How the run ended, if that is the last line. */
  readonly ended?: EndedEvent;
}

/** Where indexes are kept. */
export interface IndexStore {
  load(run: string): Promise<RunIndex>;
  loadSummary(run: string): Promise<RecordSummary | undefined>;
  save(run: string, index: RunIndex): Promise<void>;
  /** The table of runs of a folder, as far as it was read; where that is kept. */
  loadTable?(root: string): Promise<readonly (readonly [dir: string, known: KnownOverview])[]>;
  saveTable?(root: string, table: readonly (readonly [dir: string, known: KnownOverview])[]): Promise<void>;
}

/** A run of the table, and the signs by which its files are known to be as they were. */
export interface KnownOverview {
  readonly signs: string;
  readonly read: OverviewOfRun;
}

/** The summary of an index. */
export function summarizeIndex(index: RunIndex): RecordSummary {
  const sample = index.samples.at(-1);
  const fid = latestFid(index.evaluations);
  const picture = sample?.averagedFile ?? sample?.file;
  return {
    offset: index.offset,
    lastStep: index.lastStep,
    touched: index.latest.at(-1)?.[1] ?? 0,
    ...(picture && { picture }),
    ...(fid && { fid }),
    warnings: index.warnings.length,
    quantities: quantitiesOf(index),
    ...(index.ended && { ended: index.ended }),
  };
}

/** What the latest steps and the newest grid say. */
function quantitiesOf({ recent, samples }: RunIndex): QuantityValues {
  const grid = samples.findLast(({ asked }) => !asked) ?? samples.at(-1);
  return {
    ...recentQuantities(recent),
    ...(grid && { diversity: grid.diversity, ...(grid.variety && { figures: grid.variety.figures }) }),
  };
}

/** The FID of the latest step that was measured; of several of one step the one measured last. */
export function latestFid(evaluations: readonly EvaluationEvent[]): MeasuredFid | undefined {
  let latest: EvaluationEvent | undefined;
  for (const one of evaluations) if (one.metrics.fid && one.step >= (latest?.step ?? 0)) latest = one;
  return (
    latest && {
      value: latest.metrics.fid!.mean,
      name: metricName("fid", latest.features.name),
      protocol: protocolName(latest),
      step: latest.step,
    }
  );
}

/**
 * Summaries of records that are kept from one start to the next.
 * @param folder default: `studio` in the cache folder
 */
export function createIndexStore(folder = join(defaultCacheFolder(), "studio")): IndexStore {
  let tidy = false;
  const pathOf = (run: string, part: string): string =>
    join(folder, `${sha256(run).slice(0, 24)}.${part}.json`);
  const read = async <T>(path: string): Promise<T | undefined> => {
    try {
      const bytes = await readRegular(path, { max: MAX_JSON_BYTES, what: "an index" });
      const { version, checksum, content } = JSON.parse(bytes.toString("utf8")) as {
        version: number;
        checksum: string;
        content: T;
      };
      return version === VERSION && checksum === sha256(JSON.stringify(content)) ? content : undefined;
    } catch {
      return undefined;
    }
  };
  const prepare = async (): Promise<void> => {
    await makeFolder(folder);
    if (!tidy) await removeUnfinished(folder);
    tidy = true;
  };
  const text = (content: unknown): string =>
    JSON.stringify({ version: VERSION, checksum: sha256(JSON.stringify(content)), content });
  return {
    load: async (run) => (await read<RunIndex>(pathOf(run, "index"))) ?? emptyIndex(),
    loadSummary: (run) => read<RecordSummary>(pathOf(run, "summary")),
    loadTable: async (root) => (await read<[string, KnownOverview][]>(pathOf(root, "table"))) ?? [],
    async saveTable(root, table) {
      await prepare();
      await writeFileWhole(pathOf(root, "table"), text(table));
    },
    async save(run, index) {
      await prepare();
      await writeFileWhole(pathOf(run, "index"), text(index));
      await writeFileWhole(pathOf(run, "summary"), text(summarizeIndex(index)));
    },
  };
}
