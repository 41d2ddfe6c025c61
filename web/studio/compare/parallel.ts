/**
 * A sweep: what its runs were given against what came of it. One axis a value that differs, and
 * groups of runs that differ in their seed alone.
 */
import { scaleLinear, scaleLog, scalePoint } from "d3-scale";
import { meanAndStdDev } from "../../../src/base/math/statistics.ts";
import type { RunOverview } from "../../../src/studio/protocol.ts";
import type { Column } from "../home/columns.ts";

/** A value that says which repetition a run is, and nothing about what was tried. */
const REPETITION = "training.seed";
/** From this ratio of the greatest to the least on, an axis of positive values is logarithmic. */
const WIDE = 10;

/** An axis: 0 is its lower end, 1 the upper one. */
export interface ParallelAxis {
  readonly column: Column;
  readonly place: (run: RunOverview) => number | undefined;
  /** Values that are written at it. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

/**
 * The axes of the parallel coordinates of a sweep.
 * @param columns configuration values that differ, then what is measured
 */
export function parallelAxes(
  runs: readonly RunOverview[],
  columns: readonly Column[],
): readonly ParallelAxis[] {
  return columns.map((column) => axisOf(runs, column));
}

function axisOf(runs: readonly RunOverview[], column: Column): ParallelAxis {
  const values = runs.flatMap((run) => column.value(run) ?? []);
  const numbers = values.filter((value) => typeof value === "number");
  const textOf = new Map(runs.map((run) => [column.value(run), column.text(run)]));
  const distinct = [...new Set(values)];
  if (numbers.length < values.length || distinct.length <= 1) {
    const names = distinct.map(String).sort();
    const scale = scalePoint(names, [0, 1]).padding(names.length > 1 ? 0 : 0.5);
    return {
      column,
      place: (run) => {
        const value = column.value(run);
        return value === undefined ? undefined : scale(String(value));
      },
      ticks: names.map((name) => ({ at: scale(name) ?? 0.5, text: name })),
    };
  }
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
  const wide = min > 0 && max / min >= WIDE;
  const scale = (wide ? scaleLog() : scaleLinear()).domain([min, max]).range([0, 1]);
  const shown = distinct.length <= 6 ? (distinct as number[]) : [min, ...scale.ticks(4), max];
  const ticks = [...new Set(shown)].sort((a, b) => a - b);
  return {
    column,
    place: (run) => {
      const value = column.value(run);
      return typeof value === "number" ? scale(value) : undefined;
    },
    ticks: ticks
      .map((value) => ({ at: scale(value), text: textOf.get(value) ?? String(Number(value.toPrecision(3))) }))
      .filter(({ at }, i, all) => i === 0 || i === all.length - 1 || (at > 0.06 && at < 0.94)),
  };
}

/** Runs whose FIDs may stand beside one another. */
export interface ComparableRuns {
  /** All of the runs; those measured in another way than most are without their FID. */
  readonly runs: readonly RunOverview[];
  /** How many lost theirs. */
  readonly left: number;
}

/**
 * FIDs of other features or another protocol are other numbers: only those of the way that most
 * were measured in stay.
 */
export function comparableFids(runs: readonly RunOverview[]): ComparableRuns {
  const wayOf = ({ fid }: RunOverview): string | undefined => fid && JSON.stringify([fid.name, fid.protocol]);
  const counts = new Map<string, number>();
  for (const run of runs) {
    const way = wayOf(run);
    if (way !== undefined) counts.set(way, (counts.get(way) ?? 0) + 1);
  }
  const max = [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
  const others = new Set(runs.filter((run) => run.fid && wayOf(run) !== max));
  return {
    runs: runs.map((run) => {
      if (!others.has(run)) return run;
      const { fid: _, ...rest } = run;
      return rest;
    }),
    left: others.size,
  };
}

/** Runs that were given the same values but for the seed. */
export interface SeedGroup {
  readonly runs: readonly RunOverview[];
  /** Values, in the order of the columns. */
  readonly values: readonly string[];
  /** Those that have been measured. */
  readonly count: number;
  readonly mean: number | undefined;
  /** Of the runs around their mean, n − 1 in the denominator; undefined of fewer than two. */
  readonly deviation: number | undefined;
  readonly best: RunOverview | undefined;
}

/**
 * Runs that differ in their seed alone, with mean and spread of what is measured.
 * @param columns configuration values that differ
 * @returns the best mean first
 */
export function seedGroups(
  runs: readonly RunOverview[],
  columns: readonly Column[],
  metric: Column,
): readonly SeedGroup[] {
  const groups = new Map<string, RunOverview[]>();
  const others = columns.filter(({ key }) => key !== REPETITION);
  for (const run of runs) {
    const key = JSON.stringify(others.map(({ value }) => value(run) ?? null));
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const sign = metric.better === "higher" ? -1 : 1;
  const measured = (run: RunOverview): number | undefined => {
    const value = metric.value(run);
    return typeof value === "number" ? value : undefined;
  };
  return [...groups.values()]
    .map((some): SeedGroup => {
      const known = some.flatMap((run) => {
        const value = measured(run);
        return value === undefined ? [] : [{ run, value }];
      });
      const { mean, sd } = meanAndStdDev(known.map(({ value }) => value));
      return {
        ...{ runs: some, values: others.map(({ text }) => text(some[0]!)), count: known.length },
        mean: known.length > 0 ? mean : undefined,
        deviation: known.length > 1 ? sd : undefined,
        best: [...known].sort((a, b) => sign * (a.value - b.value))[0]?.run,
      };
    })
    .sort((a, b) => {
      if (a.mean === undefined || b.mean === undefined)
        return Number(a.mean === undefined) - Number(b.mean === undefined);
      return sign * (a.mean - b.mean);
    });
}

/** How good a run is among the others: 0 the worst, 1 the best. */
export function goodness(
  runs: readonly RunOverview[],
  metric: Column,
): (run: RunOverview) => number | undefined {
  const { place } = axisOf(runs, metric);
  return (run) => {
    const at = place(run);
    return at === undefined ? undefined : metric.better === "lower" ? 1 - at : at;
  };
}
