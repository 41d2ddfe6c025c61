/**
 * Whether a new result would take something away from the one that stands in its place. A table is
 * made of run folders and can be made again from them, but only by whoever still knows the settings
 * and the data; so a result of another study must not go for one that says less.
 */
import { formatCount } from "../../base/text/format/index.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import type { Cell, Report } from "./report.ts";

/** Whether a report has any number of ours. */
export const hasNumbers = ({ cells }: Pick<Report, "cells">): boolean => cells.some(({ here }) => here);

/**
 * What of `before` is not in `after`, in a few words: numbers that are missing, or are of shorter
 * runs, or of equally long ones of fewer seeds.
 * @returns undefined where nothing is lost
 */
export function lostCells(before: readonly Cell[], after: readonly Cell[]): string | undefined {
  const kept = before.filter(({ here }) => here);
  const lost = kept.filter(({ row, column, here }) => {
    const now = after.find((cell) => cell.row === row && cell.column === column)?.here;
    if (!now) return true;
    return now.step !== here!.step ? now.step < here!.step : now.values.length < here!.values.length;
  });
  return lost.length === 0
    ? undefined
    : `${lost.length} of its ${kept.length} numbers would be gone, or be of shorter runs or fewer seeds`;
}

/**
 * The same of runs that have not been trained yet: what their table would lack even when it is
 * complete.
 * @returns undefined where it can come to have as much
 */
export function lostByPlan(before: Report, points: readonly SweepPoint[], steps: number): string | undefined {
  const furthest = Math.max(0, ...before.cells.map(({ here }) => here?.step ?? 0));
  if (steps < furthest)
    return `its runs have ${formatCount(furthest)} steps, these would have ${formatCount(steps)}`;
  const begun = before.runs.filter(({ step }) => step > 0);
  for (const label of new Set(begun.map((run) => run.label))) {
    const [had, has] = [begun, points].map((runs) => runs.filter((run) => run.label === label).length);
    if (has === 0) return `there would be no ${label} in this one`;
    if (steps === furthest && has! < had!)
      return `it has ${had} seeds of ${label}, this one would have ${has}`;
  }
  return undefined;
}

/**
 * Whether a report has the settings asked for, but for the number of steps; a value read from the
 * command line is a text.
 */
export function sameSettings(
  before: Pick<Report, "scale" | "settings">,
  scale: string,
  settings: Report["settings"],
): boolean {
  const text = (values: Report["settings"]): string =>
    JSON.stringify(
      Object.entries(values)
        .filter(([path]) => path !== "training.steps")
        .map(([path, value]) => [path, String(value)])
        .sort(([a], [b]) => (a! < b! ? -1 : 1)),
    );
  return before.scale === scale && text(before.settings) === text(settings);
}
