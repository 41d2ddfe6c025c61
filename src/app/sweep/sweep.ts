/**
 * The use case `sweep`: the runs that a file describes, trained on this machine, and their results.
 */

import { basename, extname, join, resolve } from "node:path";
import { errorCode, writeFileWhole } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { readRegular } from "../../base/disk/regular.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { formatCountOf } from "../../base/text/format/index.ts";
import { MAX_YAML_BYTES } from "../../base/text/yaml.ts";
import { parseSweep } from "../../sweep/file.ts";
import { planSweep, type SweepPoint } from "../../sweep/plan.ts";
import {
  type Aggregate,
  aggregate,
  type ResultRow,
  resultRow,
  resultsCsv,
  resultsHtml,
} from "../../sweep/results.ts";
import { loadPreset } from "../../training/config/presets.node.ts";
import type { Context } from "../context.ts";
import { writeLast } from "../support/write-last.ts";
import { trainPoints } from "./train-points.ts";

/** A sweep as its file has it. */
export interface SweepFile {
  /** Its path as it was given. */
  readonly path: string;
  readonly text: string;
  /** The folder of its runs, absolute. */
  readonly folder: string;
  readonly points: readonly SweepPoint[];
}

/**
 * Read the file of a sweep.
 * @param out the folder of its runs; below `runs/` after the file unless given
 * @throws UserError for a file that cannot be read, and for what it cannot mean
 */
export async function readSweepFile(path: string, out?: string): Promise<SweepFile> {
  const folder = resolve(out ?? join("runs", basename(path, extname(path))));
  const text = await readText(path);
  return { path, text, folder, points: planSweep(parseSweep(text, path), folder, loadPreset, path) };
}

/** The runs of a sweep as they stand, before anything is trained. */
export const plannedRows = ({ points }: SweepFile): Promise<ResultRow[]> =>
  Promise.all(points.map((point) => resultRow(point, "planned")));

/** How a sweep is trained. */
export interface SweepOptions {
  /** Runs at once; 1 unless given. */
  readonly jobs?: number | undefined;
  /** How often a crashed run is tried again; 3 unless given. */
  readonly retries?: number | undefined;
  /** The number of the only run to be trained, from 0; all unless given. */
  readonly only?: number | undefined;
  /** This program, before its arguments: each run is a process of its own. */
  readonly command: readonly string[];
}

/** How a run of a sweep ended. */
export interface PointOutcome {
  readonly kind: string;
  /** Of one that failed: whether the user must put something right. */
  readonly mistake?: boolean | undefined;
}

/** What came of a sweep: the document of `sweep --json`, and how its runs ended, by id. */
export interface SweepResult {
  readonly document: {
    /** The folder of the runs, absolute. */
    readonly folder: string;
    readonly points: readonly ResultRow[];
    /** Means and deviations over the seeds of every variation. */
    readonly variations: readonly Aggregate[];
    /** Tables and pages of results, absolute. */
    readonly files: readonly string[];
    /** Why they could not be written. */
    readonly unwritten?: string;
  };
  readonly states: ReadonlyMap<string, PointOutcome>;
}

/**
 * Train the runs of a sweep, and write their results. Aborting lets what is under way save; results
 * are of what there is then.
 * @throws UserError where nothing can be written
 */
export async function sweep(file: SweepFile, options: SweepOptions, context: Context): Promise<SweepResult> {
  const { jobs = 1, retries = 3, command } = options;
  const points = chosenPoints(file, options.only);
  await makeFolder(file.folder);
  const states = await trainPoints({ points, jobs, retries, command }, context);
  return concludeSweep(file, options.only, states, context);
}

/** All runs of a sweep, or the only one that is asked for. @throws UserError when there is none */
export function chosenPoints({ path, points }: SweepFile, only: number | undefined): readonly SweepPoint[] {
  if (only === undefined) return points;
  const point = points[only];
  if (!point)
    throw new UserError(
      `${option("only", only)}: ${path} has ${formatCountOf(points.length, "run")}, counted from 0.`,
      `The last one is ${option("only", points.length - 1)}.`,
    );
  return [point];
}

/**
 * Read what there is of each run, tell it, and write it down; of a single run nothing is written.
 * @param states how each ended, as far as anybody knows
 */
export async function concludeSweep(
  file: SweepFile,
  only: number | undefined,
  states: ReadonlyMap<string, PointOutcome>,
  { report }: Pick<Context, "report">,
): Promise<SweepResult> {
  const { folder, path } = file;
  const rows = await Promise.all(
    chosenPoints(file, only).map((point) => resultRow(point, states.get(point.id)?.kind ?? "waiting")),
  );
  void report({ kind: "results", rows });
  let files: string[] = [];
  const unwritten = await writeLast(report, async () => {
    if (only === undefined) files = await writeResults(folder, basename(path), rows);
  });
  return {
    document: {
      ...{ folder, points: rows, variations: aggregate(rows), files },
      ...(unwritten !== undefined && { unwritten }),
    },
    states,
  };
}

const SWEEP = { max: MAX_YAML_BYTES, what: "the file of a sweep" } as const;

async function readText(path: string): Promise<string> {
  const bytes = await readRegular(path, SWEEP).catch((error: unknown) => {
    if (["ENOENT", "EISDIR", "ENOTDIR", "EACCES"].includes(errorCode(error) ?? ""))
      throw new UserError(`${path} is no file that can be read.`, "Give the path of a sweep's YAML file.", {
        cause: error,
      });
    throw error;
  });
  return bytes.toString("utf8");
}

async function writeResults(folder: string, name: string, rows: readonly ResultRow[]): Promise<string[]> {
  const files: readonly (readonly [string, string])[] = [
    ["results.csv", resultsCsv(rows)],
    ["results.json", `${JSON.stringify({ rows, variations: aggregate(rows) }, null, 2)}\n`],
    ["results.html", resultsHtml(name, rows)],
  ];
  for (const [file, content] of files) await writeFileWhole(join(folder, file), content);
  return files.map(([file]) => join(folder, file));
}
