/**
 * Several runs beside each other: which line of each chart is laid over the others', what its
 * numbers depend on, and what sets the runs apart.
 */

import { metricText } from "../../../src/base/metric-quantities.ts";
import {
  QUANTITIES,
  type QuantityKey,
  quantityName,
  quantityText,
  WINDOWS,
} from "../../../src/base/quantities.ts";
import { hasScale } from "../../../src/base/score-scale.ts";
import { naturalOrder } from "../../../src/base/text/natural-order.ts";
import { protocolName } from "../../../src/metrics/protocol-name.ts";
import type { RunDetail } from "../../../src/studio/protocol.ts";
import type { EvaluationEvent } from "../../../src/training/events.ts";
import { steeredPaths, steeredText } from "../../../src/training/loop/control/steered.ts";
import type { AxisKind } from "../../common/axis.ts";
import type { Line } from "../../common/chart.ts";
import { alongOf, placed } from "../charts/along.ts";
import type { ChartDefinition } from "../charts/chart-definition.ts";
import type { RunData } from "../charts/chart-lines.ts";

/** A run that is compared. */
export interface ComparedRun extends RunData {
  /** Its place among those asked for, from 0: it keeps its color while others are being loaded. */
  readonly place: number;
  /** What of its id differs from the others'; without it the id. */
  readonly name?: string;
}

/** A chart of several runs: one line each, by the same name in all of them. */
export interface ComparedChart {
  readonly lines: readonly Line[];
  /** Names of the lines there are. */
  readonly choices: readonly string[];
  /** The one that is shown; undefined when no run has any. */
  readonly choice: string | undefined;
  /** What it is and what its numbers depend on. */
  readonly note: string | undefined;
}

/**
 * Tones there are, `--run-1` to `--run-8`. More that can be told apart and read on both backgrounds
 * are hard to find.
 */
const TONES = 8;

/**
 * What the curves of a run look like among those compared: when all tones are taken, they are taken
 * again, dashed.
 */
export const runLook = (place: number): Pick<Line, "tone" | "dashed"> => ({
  tone: `--run-${(place % TONES) + 1}`,
  dashed: Math.floor(place / TONES) % 2 === 1,
});

/**
 * A chart with one line for each run.
 * @param wanted name of the line; where no run has it, the usual one is shown
 */
export function comparedChart(
  chart: ChartDefinition,
  runs: readonly ComparedRun[],
  wanted?: string,
  along: AxisKind = "step",
): ComparedChart {
  const choices = choicesOf(chart, runs);
  const choice = wanted !== undefined && choices.includes(wanted) ? wanted : usual(chart, runs, choices);
  const found = runs.flatMap((run) => {
    const line = chart.lines(run).find(({ label }) => label === choice);
    return line ? [{ run, line }] : [];
  });
  return {
    choices,
    choice,
    lines: found.map(({ run, line }) => ({
      ...placed([line], alongOf(along, run))[0]!,
      ...{ label: run.name ?? run.detail.id, title: run.detail.id },
      ...runLook(run.place),
    })),
    note: noteOf(
      chart,
      found.map(({ run }) => run),
      choices.length === 1 || chart.blocks ? choice : undefined,
    ),
  };
}

const labelsOf = (chart: ChartDefinition, run: RunData): string[] =>
  chart.lines(run).map(({ label }) => label);

function choicesOf(chart: ChartDefinition, runs: readonly RunData[]): string[] {
  const labels = [...new Set(runs.flatMap((run) => labelsOf(chart, run)))];
  return chart.blocks ? labels.sort(naturalOrder) : labels;
}

/**
 * Of blocks the last that all runs have, as figure 2 of the paper compares the last: each run's own
 * best may be another one in each.
 */
function usual(
  chart: ChartDefinition,
  runs: readonly RunData[],
  choices: readonly string[],
): string | undefined {
  if (!chart.blocks) return choices[0];
  const sets = runs.map((run) => labelsOf(chart, run)).filter((labels) => labels.length > 0);
  return choices.findLast((label) => sets.every((labels) => labels.includes(label))) ?? choices.at(-1);
}

/**
 * What the numbers depend on; says so where that is not the same, as they cannot be compared then.
 * @param name of the line, unless the choice beside the title says enough
 */
function noteOf(
  chart: ChartDefinition,
  runs: readonly RunData[],
  name: string | undefined,
): string | undefined {
  const notes = [...new Set(runs.map((run) => chart.note?.(run)))];
  const note = notes.length > 1 ? `Not comparable: measured in ${notes.length} different ways` : notes[0];
  return note === undefined ? name : chart.blocks ? `${name} · ${note}` : note;
}

/**
 * Configuration values in which runs differ, by path: as they were configured, and as they were
 * changed while the run went on, with the step.
 */
export function differences(
  details: readonly RunDetail[],
): { readonly path: string; readonly values: readonly string[] }[] {
  const paths = [
    ...new Set(details.flatMap(({ config, changes }) => [...Object.keys(config), ...steeredPaths(changes)])),
  ].sort();
  return paths
    .map((path) => ({
      path,
      values: details.map(({ config, changes }) =>
        steeredText(shown(Object.hasOwn(config, path) ? config[path] : undefined), path, changes),
      ),
    }))
    .filter(({ values }) => new Set(values).size > 1);
}

const shown = (value: unknown): string =>
  value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value);

/** A number of the summary: what each run has, and which are the best. */
export interface SummaryRow {
  readonly name: string;
  readonly what: string;
  readonly values: readonly { readonly text: string; readonly best: boolean }[];
}

/**
 * What is better when it is higher. A rotation accuracy of generated images, or a score of D, is
 * neither good nor bad by itself.
 */
const HIGHER: ReadonlySet<QuantityKey> = new Set(["taskAccuracyReal", "figures", "speed"]);
const SUMMARY: readonly QuantityKey[] = [
  ...(["taskAccuracyReal", "taskAccuracyGenerated", "real", "generated", "figures", "speed"] as const),
];

/**
 * How runs stand now, a row a quantity, and their best FID. Best is marked where at least two have
 * the number and it can be compared.
 */
export function summaryRows(details: readonly RunDetail[]): readonly SummaryRow[] {
  const task = details.find((detail) => detail.task)?.task;
  const rows = SUMMARY.map((key): SummaryRow => {
    const numbers = details.map((detail) => quantityOf(detail, key));
    return {
      ...{ name: quantityName(key, task), what: WINDOWS[QUANTITIES[key].window] },
      values: marked(numbers, (value) => quantityText(key, value), HIGHER.has(key) ? Math.max : undefined),
    };
  });
  const fids = details.map(({ evaluations }) =>
    evaluations.reduce<EvaluationEvent | undefined>(
      (best, one) =>
        one.metrics.fid && one.metrics.fid.mean < (best?.metrics.fid?.mean ?? Number.POSITIVE_INFINITY)
          ? one
          : best,
      undefined,
    ),
  );
  const ways = new Set(fids.flatMap((one) => (one ? [protocolName(one)] : [])));
  const fid: SummaryRow = {
    ...{
      name: "Best FID",
      what: ways.size > 1 ? "not comparable: measured in different ways" : ([...ways][0] ?? ""),
    },
    values: marked(
      fids.map((one) => one?.metrics.fid?.mean),
      (value) => metricText("fid", value),
      ways.size > 1 ? undefined : Math.min,
    ),
  };
  return [...rows, fid].filter(({ values }) => values.some(({ text }) => text !== "–"));
}

const quantityOf = ({ status, samples, config }: RunDetail, key: QuantityKey): number | undefined =>
  (key === "real" || key === "generated") && !hasScale(config["objective.loss"])
    ? undefined
    : key === "figures"
      ? samples.findLast(({ variety }) => variety)?.variety?.figures
      : status.quantities?.[key];

function marked(
  numbers: readonly (number | undefined)[],
  text: (value: number) => string,
  best: ((...values: number[]) => number) | undefined,
): SummaryRow["values"] {
  const known = numbers.filter((value) => value !== undefined);
  const top = best && known.length > 1 ? best(...known) : undefined;
  return numbers.map((value) => ({
    text: value === undefined ? "–" : text(value),
    best: value !== undefined && value === top,
  }));
}
