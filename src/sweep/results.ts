/**
 * What came out of a sweep: a row a run, read from the run folders, and the means over the seeds of
 * each variation. As CSV, JSON and HTML.
 */
import { join } from "node:path";
import { meanAndStdDev } from "../base/math/statistics.ts";
import { RECENT_STEPS } from "../base/quantities.ts";
import { csvText } from "../base/text/csv.ts";
import { escapeXml } from "../base/text/escape.ts";
import { formatValue } from "../base/text/format/index.ts";
import { readMetrics } from "../training/evaluation/metrics.node.ts";
import type { StepEvent } from "../training/events.ts";
import { progressInWords, type RunProgress } from "../training/loop/ending.ts";
import { listCheckpoints } from "../training/run/checkpoint/checkpoint.node.ts";
import { checkpointsIn } from "../training/run/folder/run-folder.node.ts";
import { isRun } from "../training/run/folder/run-name.node.ts";
import { readRunProgress } from "../training/run/folder/run-state.node.ts";
import type { SweepPoint } from "./plan.ts";

/** A run in numbers. */
export interface ResultRow {
  readonly id: string;
  readonly label: string;
  readonly seed: number;
  readonly dir: string;
  /** How the pool left it: `done`, `failed`, … */
  readonly state: string;
  /**
   * Where the run stands by its own folder, with what happened and what to do; missing for one that
   * was not begun.
   */
  readonly run?: RunProgress;
  /** Steps of its newest checkpoint, and those asked for. */
  readonly step: number;
  readonly steps: number;
  /**
   * By name: means over the last steps, as many as everywhere, and the latest of everything else
   * that is measured.
   */
  readonly values: Readonly<Record<string, number>>;
}

/** Read a run's row. A run that was not begun has no values. */
export async function resultRow(point: SweepPoint, state: string): Promise<ResultRow> {
  const steps = point.config.training.steps;
  const begun = await isRun(point.dir);
  const [step = 0] = await listCheckpoints(checkpointsIn(point.dir));
  const { lines } = await readMetrics(join(point.dir, "metrics.jsonl"));
  return {
    id: point.id,
    label: point.label,
    seed: point.seed,
    dir: point.dir,
    state,
    ...(begun && { run: await readRunProgress(point.dir, steps) }),
    ...{ step, steps },
    values: { ...stepMeans(lines.filter((line) => line.kind === "step")), ...lastNumbers(lines) },
  };
}

/** Means over the steps that every other figure of a step is averaged over. */
function stepMeans(steps: readonly StepEvent[]): Record<string, number> {
  const tail = steps.slice(-RECENT_STEPS);
  const sums = new Map<string, number>();
  for (const { discriminator, generator, stepSeconds } of tail)
    for (const [name, value] of [
      ...Object.entries(discriminator).map(([key, v]) => [`discriminator.${key}`, v] as const),
      ...Object.entries(generator).map(([key, v]) => [`generator.${key}`, v] as const),
      ["stepSeconds", stepSeconds] as const,
    ])
      sums.set(name, (sums.get(name) ?? 0) + value / tail.length);
  return Object.fromEntries(sums);
}

/**
 * The latest number of every other kind of line: `sample.diversity`, `evaluation.fid`,
 * `probe.best`, …
 */
function lastNumbers(lines: readonly object[]): Record<string, number> {
  const latest: Record<string, number> = {};
  const collect = (prefix: string, value: object): void => {
    for (const [key, inner] of Object.entries(value)) {
      const name = `${prefix}.${key}`;
      if (typeof inner === "number") latest[name] = inner;
      else if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) collect(name, inner);
    }
  };
  for (const line of lines) {
    const {
      kind,
      step: _step,
      time: _time,
      ...rest
    } = line as { kind: string; step: unknown; time?: unknown };
    if (kind !== "step" && kind !== "warning") collect(kind, rest);
  }
  return latest;
}

/**
 * The state of a row in words: how the pool left it, and what the run says of itself where that is
 * more.
 */
export function rowState({ state, run }: ResultRow): string {
  const says = run?.state === "failed" || run?.state === "interrupted";
  return says && state !== "done" && state !== "running" ? `${state}: ${progressInWords(run)}` : state;
}

/** Mean and sample standard deviation of a value over the seeds of a variation. */
export interface Aggregate {
  readonly label: string;
  /** Runs that have all their steps, and the seeds of those. */
  readonly runs: number;
  readonly seeds: readonly number[];
  readonly values: Readonly<Record<string, { readonly mean: number; readonly sd: number }>>;
}

/** One row a variation, over its runs that have all their steps. */
export function aggregate(rows: readonly ResultRow[]): Aggregate[] {
  const labels = [...new Set(rows.map(({ label }) => label))];
  return labels.map((label) => {
    const whole = rows.filter((row) => row.label === label && row.step >= row.steps);
    const names = [...new Set(whole.flatMap(({ values }) => Object.keys(values)))];
    const values = names.map((name) => {
      const numbers = whole.flatMap((row) => row.values[name] ?? []);
      return [name, meanAndStdDev(numbers)] as const;
    });
    const seeds = whole.map(({ seed }) => seed);
    return { label, runs: whole.length, seeds, values: Object.fromEntries(values) };
  });
}

/**
 * All rows as CSV (RFC 4180): the fixed columns, then every value that any run has. Below the runs
 * come the means over the seeds and their sample standard deviations, two rows a variation that has
 * whole runs; the column `row` says which row is what (`run`, `mean`, `sd`).
 */
export function resultsCsv(rows: readonly ResultRow[]): string {
  const names = valueNames(rows);
  const header = ["row", "id", "label", "seed", "state", "step", "steps", ...names];
  const lines = rows.map((row) => [
    "run",
    row.id,
    row.label,
    row.seed,
    row.state,
    row.step,
    row.steps,
    ...names.map((name) => row.values[name] ?? ""),
  ]);
  const over = wholeVariations(rows).flatMap(({ label, runs, seeds, values }) => {
    const fixed = ["", label, seeds.join(" "), "done", "", ""];
    // One run says nothing about how far runs lie apart.
    const sds = names.map((name) => (runs > 1 ? values[name]?.sd : ""));
    return [
      ["mean", ...fixed, ...names.map((name) => values[name]?.mean)],
      ["sd", ...fixed, ...sds],
    ];
  });
  return csvText([header, ...lines, ...over]);
}

/** Those that have a mean. */
export const wholeVariations = (rows: readonly ResultRow[]): Aggregate[] =>
  aggregate(rows).filter(({ runs }) => runs > 0);

const valueNames = (rows: readonly ResultRow[]): string[] => [
  ...new Set(rows.flatMap(({ values }) => Object.keys(values))),
];

/** The means over the seeds, and all rows, as a page that needs nothing else. */
export function resultsHtml(title: string, rows: readonly ResultRow[]): string {
  const names = valueNames(rows);
  const head = ["run", "variation", "seed", "state", "steps", ...names];
  const body = rows.map((row) => [
    row.id,
    row.label,
    String(row.seed),
    rowState(row),
    `${row.step}/${row.steps}`,
    ...names.map((name) => shortNumber(row.values[name])),
  ]);
  const means = wholeVariations(rows).map(({ label, runs, seeds, values }) => [
    label,
    seeds.join(", "),
    ...names.map((name) => {
      const mean = shortNumber(values[name]?.mean);
      return runs > 1 && mean !== "" ? `${mean} ± ${shortNumber(values[name]?.sd)}` : mean;
    }),
  ]);
  const cells = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${escapeXml(text)}</${tag}>`).join("")}</tr>`;
  const table = (header: readonly string[], lines: readonly (readonly string[])[]): string =>
    `<div><table><thead>${cells("th", header)}</thead><tbody>
${lines.map((texts) => cells("td", texts)).join("\n")}
</tbody></table></div>`;
  const overSeeds =
    means.length === 0
      ? ""
      : `<h2>Means over the seeds</h2>
<p>Of the runs that have all their steps; ± is the sample standard deviation.</p>
${table(["variation", "seeds", ...names], means)}
<h2>Runs</h2>
`;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeXml(title)}</title>
<style>body{font:14px/1.5 system-ui,sans-serif;margin:2rem}div{overflow-x:auto}table{border-collapse:collapse;white-space:nowrap}td,th{padding:.2rem .7rem;border-bottom:1px solid #8884;text-align:left}td{font-variant-numeric:tabular-nums}:root{color-scheme:light dark}</style>
<h1>${escapeXml(title)}</h1>
${overSeeds}${table(head, body)}</html>
`;
}

const hasUsualSize = (value: number): boolean =>
  value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6);

const shortNumber = (value: number | undefined): string =>
  value === undefined ? "" : hasUsualSize(value) ? String(Number(value.toPrecision(5))) : formatValue(value);
