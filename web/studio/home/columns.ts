/** Columns of the table of runs. */

import { metricText } from "../../../src/base/metric-quantities.ts";
import { type QuantityKey, quantityName, quantityText } from "../../../src/base/quantities.ts";
import { formatCount, formatDuration } from "../../../src/base/text/format/index.ts";
import type { RunOverview } from "../../../src/studio/protocol.ts";
import { ago, STATE_WORDS } from "../words.ts";

/** A column: what it is called, what a run is sorted by in it, what is shown. */
export interface Column {
  /** In the address. */
  readonly key: string;
  readonly title: string;
  /** Its whole name. */
  readonly what: string;
  readonly numeric: boolean;
  readonly value: (run: RunOverview) => number | string | undefined;
  readonly text: (run: RunOverview) => string;
  /** Values are measured, and these are better: sweeps look for the best. */
  readonly better?: "lower" | "higher";
}

const quantity = (key: QuantityKey, title: string): Column => ({
  ...{ key: title.toLowerCase(), title, what: quantityName(key), numeric: true, better: "higher" },
  value: ({ quantities }) => quantities?.[key],
  text: ({ quantities }) => (quantities?.[key] === undefined ? "" : quantityText(key, quantities[key])),
});

const LEADING: readonly Column[] = [
  {
    ...{ key: "state", title: "State", what: "What it is doing", numeric: false },
    value: ({ state }) => STATE_WORDS[state],
    text: ({ state }) => STATE_WORDS[state],
  },
  {
    ...{ key: "step", title: "Step", what: "Steps done", numeric: true },
    value: ({ step }) => step,
    text: ({ step, steps }) =>
      step === steps ? formatCount(step) : `${formatCount(step)} of ${formatCount(steps)}`,
  },
  quantity("taskAccuracyReal", "Task"),
  {
    ...{
      key: "fid",
      title: "FID",
      what: "The latest FID, with its features",
      numeric: true,
      better: "lower",
    },
    value: ({ fid }) => fid?.value,
    text: ({ fid }) => (fid ? metricText("fid", fid.value) : ""),
  },
  quantity("figures", "Diversity"),
];

const TRAILING: readonly Column[] = [
  {
    ...{ key: "duration", title: "Duration", what: "From its beginning to its last step", numeric: true },
    value: secondsOf,
    text: (run) => (secondsOf(run) === undefined ? "" : formatDuration(secondsOf(run)!)),
  },
  {
    ...{ key: "when", title: "When", what: "When it had its last step", numeric: true },
    value: ({ touched }) => touched,
    text: ({ touched, broken }) => (broken === undefined ? ago(touched) : ""),
  },
];

function secondsOf({ began = 0, touched }: RunOverview): number | undefined {
  const seconds = (touched - began) / 1000;
  return began > 0 && seconds > 0 ? seconds : undefined;
}

/**
 * Columns for some runs: what is always there, and every configuration value in which they differ.
 */
export function columnsOf(runs: readonly RunOverview[]): readonly Column[] {
  return [...LEADING, ...configColumns(runs), ...TRAILING];
}

/** Columns of configuration values, under the last part of their path where that says enough. */
export function configColumns(runs: readonly RunOverview[]): readonly Column[] {
  const paths = [...new Set(runs.flatMap(({ config }) => Object.keys(config ?? {})))].sort();
  const ends = paths.map((path) => path.split(".").at(-1)!);
  return paths.map((path, i) => ({
    ...{ key: path, what: path, numeric: runs.some(({ config }) => typeof config?.[path] === "number") },
    title: ends.filter((end) => end === ends[i]).length > 1 ? path : ends[i]!,
    value: ({ config }) => {
      const value = config?.[path];
      return typeof value === "number" ? value : value === undefined ? undefined : shown(value);
    },
    text: ({ config }) => (config?.[path] === undefined ? "" : shown(config[path])),
  }));
}

const shown = (value: unknown): string =>
  value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value);

/** What runs can be measured by in a sweep: those that some of them have. */
export const metricsOf = (runs: readonly RunOverview[]): readonly Column[] =>
  LEADING.filter(({ better, value }) => better && runs.some((run) => value(run) !== undefined));

const ALIVE: ReadonlySet<RunOverview["state"]> = new Set(["running", "paused"]);

/**
 * Runs in an order; those without a value come last, whichever way.
 * @param sort a column's key, with `-` before it for falling values; without one those that train
 * now come first, then those touched last
 */
export function sorted(
  runs: readonly RunOverview[],
  columns: readonly Column[],
  sort: string | undefined,
): readonly RunOverview[] {
  const falling = sort?.startsWith("-") === true;
  const key = falling ? sort.slice(1) : sort;
  const column = columns.find((one) => one.key === key);
  if (key === "name") return falling ? [...runs].reverse() : runs;
  if (!column)
    return [...runs].sort(
      (a, b) => Number(ALIVE.has(b.state)) - Number(ALIVE.has(a.state)) || b.touched - a.touched,
    );
  return runs
    .map((run) => ({ run, value: column.value(run) }))
    .sort(({ value: a }, { value: b }) => {
      if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
      const order =
        typeof a === "number" && typeof b === "number"
          ? a - b
          : String(a) < String(b)
            ? -1
            : Number(String(a) > String(b));
      return falling ? -order : order;
    })
    .map(({ run }) => run);
}
