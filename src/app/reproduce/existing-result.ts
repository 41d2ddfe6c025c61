/**
 * The result that is already where a reproduction would write its own, and when that one may be
 * replaced.
 */
import { join } from "node:path";
import { readJsonFile } from "../../base/disk/regular.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { type Cell, type Report, reportSchema } from "../../studies/reproduce/report.ts";
import {
  hasNumbers,
  lostByPlan,
  lostCells,
  sameSettings,
} from "../../studies/reproduce/result-regression.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import { runConfig } from "../support/load-generator.ts";
import { shortPath } from "../support/run-folder.ts";
import { type ReproduceRequest, settingsOf } from "./request.ts";

/** The result, and how it is related to what was asked for. */
export interface ExistingResult {
  readonly report: Report;
  readonly folder: string;
  /**
   * `same`: of the same data and settings, so that what was left out of it is still in the run
   * folders.
   */
  readonly study: "same" | "other data" | "other settings";
}

/**
 * Read the result that is already there.
 * @returns undefined where there is none, or one without any number of ours
 * @throws UserError when it cannot be read as what it is
 */
export async function readExisting(
  request: ReproduceRequest,
  points: readonly SweepPoint[],
): Promise<ExistingResult | undefined> {
  const folder = join(request.out, request.name);
  const path = join(folder, `${request.name}.json`);
  const hint = `It should be the result of a reproduction. Move it away, or give another folder with ${option("out")}.`;
  const report = await readJsonFile(path, { schema: reportSchema, hint });
  if (!report || !hasNumbers(report)) return undefined;
  return { report, folder, study: await relationOf(report, request, points) };
}

/**
 * A run's name stands for its data and its settings; where no name is shared, the run folders say
 * what data it was.
 */
async function relationOf(
  report: Report,
  request: ReproduceRequest,
  points: readonly SweepPoint[],
): Promise<ExistingResult["study"]> {
  const alike = sameSettings(report, request.scaleName, settingsOf(request));
  if (report.runs.some(({ id }) => points.some((point) => point.id === id)))
    return alike ? "same" : "other settings";
  const sources = await Promise.all(
    report.runs.map(({ id }) =>
      runConfig(join(request.folder, id)).then(
        ({ data }) => data.source,
        () => undefined,
      ),
    ),
  );
  const source = sources.find((found) => found !== undefined);
  if (source !== undefined && source !== points[0]!.config.data.source) return "other data";
  // The same model and seed under another name, though nothing seems to differ: data that is not known any more, or other defaults.
  const renamed = report.runs.some(({ label, seed }) =>
    points.some((point) => point.label === label && point.seed === seed),
  );
  return alike && source !== undefined && !renamed ? "same" : "other settings";
}

/**
 * Refuse what can only end in less, before anything is opened or trained.
 * @throws UserError for other data, and for other settings under which even the complete table
 * would have less
 */
export function refuseLesserPlan(
  existing: ExistingResult | undefined,
  { steps }: ReproduceRequest,
  points: readonly SweepPoint[],
): void {
  if (!existing || existing.study === "same") return;
  if (existing.study === "other data") throw refusal(existing, undefined);
  const lost = lostByPlan(existing.report, points, steps);
  if (lost !== undefined) throw refusal(existing, lost);
}

/**
 * What would be lost by replacing it with `cells`. Of the same data and settings a table is
 * whatever was asked for last; unless it was interrupted, and nobody asked for what it is now.
 * @returns undefined where it may be replaced
 */
export function lossOf(
  { report, study }: ExistingResult,
  cells: readonly Cell[],
  interrupted: boolean,
): string | undefined {
  return study === "same" && !interrupted ? undefined : lostCells(report.cells, cells);
}

/** Why a result is not replaced, and what to do. */
export function refusal({ report, folder, study }: ExistingResult, lost: string | undefined): UserError {
  const place = shortPath(folder);
  const reason = lost === undefined ? "" : `, and has more in it: ${lost}`;
  return new UserError(
    `${place} holds a result of ${study} (${report.data}, scale ${report.scale}, ${describe(report)})${reason}. It is left as it is.`,
    `Give another folder with ${option("out")}, or ${option("images")}, ${option("scale")} and ${option("set")} as they were for that result; or move ${place} away.`,
  );
}

function describe({ settings }: Report): string {
  return Object.entries(settings)
    .map(([path, value]) => `${path} ${value}`)
    .join(", ");
}
