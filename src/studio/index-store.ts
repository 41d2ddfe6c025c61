/**
 * Indexes of records on the disk, so that a server that has just started need not read every record anew. Each run has two files: the
 * index, and a summary of it that is enough for the list of runs. Only a cache: damaged or missing files are made again.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { MOST_JSON_BYTES, readRegular } from "../base/regular.node.ts";
import { defaultCacheFolder } from "../data/index.node.ts";
import type { EndedEvent } from "../training/events.ts";
import { removeUnfinished, sha256, writeFileWhole } from "../training/files.node.ts";
import { emptyIndex, type RunIndex } from "./run-index.ts";

/** Raised when what an index holds changes. */
const VERSION = 4;

/** What the list of runs shows of a record. */
export interface RecordSummary {
  /** Bytes of the record it is made from. */
  readonly offset: number;
  readonly lastStep: number;
  readonly touched: number;
  readonly picture?: string;
  readonly fid?: { readonly value: number; readonly protocol: string; readonly step: number };
  readonly warnings: number;
  /** How the run ended, if that is the last line. */
  readonly ended?: EndedEvent;
}

/** Where indexes are kept. */
export interface IndexStore {
  load(run: string): Promise<RunIndex>;
  loadSummary(run: string): Promise<RecordSummary | undefined>;
  save(run: string, index: RunIndex): Promise<void>;
}

/** The summary of an index. */
export function summariseIndex(index: RunIndex): RecordSummary {
  const sample = index.samples.at(-1);
  const measured = index.evaluations.findLast(({ metrics }) => metrics.fid !== undefined);
  const picture = sample?.averagedFile ?? sample?.file;
  return {
    offset: index.offset,
    lastStep: index.lastStep,
    touched: index.latest.at(-1)?.[1] ?? 0,
    ...(picture && { picture }),
    ...(measured && {
      fid: { value: measured.metrics.fid!.mean, protocol: measured.protocol, step: measured.step },
    }),
    warnings: index.warnings.length,
    ...(index.ended && { ended: index.ended }),
  };
}

/** @param folder default: `studio` in the cache folder */
export function createIndexStore(folder = join(defaultCacheFolder(), "studio")): IndexStore {
  let tidy = false;
  const pathOf = (run: string, part: string): string =>
    join(folder, `${sha256(run).slice(0, 24)}.${part}.json`);
  const read = async <T>(path: string): Promise<T | undefined> => {
    try {
      const bytes = await readRegular(path, { most: MOST_JSON_BYTES, what: "an index" });
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
  return {
    load: async (run) => (await read<RunIndex>(pathOf(run, "index"))) ?? emptyIndex(),
    loadSummary: (run) => read<RecordSummary>(pathOf(run, "summary")),
    async save(run, index) {
      await mkdir(folder, { recursive: true });
      if (!tidy) await removeUnfinished(folder);
      tidy = true;
      const text = (content: unknown): string =>
        JSON.stringify({ version: VERSION, checksum: sha256(JSON.stringify(content)), content });
      await writeFileWhole(pathOf(run, "index"), text(index));
      await writeFileWhole(pathOf(run, "summary"), text(summariseIndex(index)));
    },
  };
}
