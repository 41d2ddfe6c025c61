/** A report as Markdown and as CSV. */

import { csvText } from "../../base/text/csv.ts";
import { formatCount } from "../../base/text/format/index.ts";
import type { Published } from "./published.ts";
import type { Reproduced } from "./record.ts";
import type { Cell, Report } from "./report.ts";

/** How numbers are written. */
const FORMATS: Readonly<Record<Cell["measure"], (value: number) => string>> = {
  fid: (value) => value.toFixed(2),
  kid: (value) => value.toFixed(4),
  accuracy: (value) => value.toFixed(3),
  step: formatCount,
  rate: (value) => String(Number(value.toPrecision(3))),
  megabytes: (value) => formatCount(Math.round(value)),
};

/** The table with everything its numbers depend on, under a heading of level `level`. */
export function reportMarkdown(report: Report, level = 1): string {
  const { cells, steps } = report;
  const columns = [...new Set(cells.map(({ column }) => column))];
  const rows = [...new Set(cells.map(({ row }) => row))];
  const at = (row: string, column: string): Cell | undefined =>
    cells.find((cell) => cell.row === row && cell.column === column);
  /** A column of our own has no place for a published number. */
  const isPublished = (column: string): boolean => rows.some((row) => at(row, column)?.published);
  const header = columns.flatMap((column) =>
    isPublished(column) ? [`${column}, paper`, `${column}, here`] : [`${column}, here`],
  );
  const body = rows.map((row) =>
    columns.flatMap((column) => {
      const cell = at(row, column);
      const here = cell ? hereText(cell, steps) : "";
      return isPublished(column) ? [cell ? publishedText(cell) : "", here] : [here];
    }),
  );
  const line = (texts: readonly string[]): string => `| ${texts.map(escapeCell).join(" | ")} |`;
  const table = [
    line([report.rows, ...header]),
    `|---|${header.map(() => "---|").join("")}`,
    ...body.map((texts, i) => line([rows[i]!, ...texts])),
  ];
  const settings = Object.entries(report.settings).map(([path, value]) => `\`${path}\` ${value}`);
  const facts = [
    `Scale \`${report.scale}\` (${report.scaleDescription}); ${report.data}; ${formatCount(steps)} steps.`,
    ...(settings.length > 0 ? [`Settings besides the paper's: ${settings.join(", ")}.`] : []),
    ...report.protocols,
    ...legend(cells),
    ...report.notes,
    ...(report.complete ? [] : ["**Not complete**: the same command goes on."]),
  ];
  return [
    `${"#".repeat(level)} ${report.title}`,
    table.join("\n"),
    facts.map((fact) => `* ${fact}`).join("\n"),
    ...(report.runs.length > 0 ? [runsSentence(report)] : []),
  ].join("\n\n");
}

/** What the marks in a table mean; only those it has. */
function legend(cells: readonly Cell[]): string[] {
  const published = cells.flatMap((cell) => cell.published ?? []);
  const has = (knowledge: Published["knowledge"]): boolean =>
    published.some((value) => value.knowledge === knowledge);
  const whats = [...new Set(published.map(({ what }) => what))];
  const seeds = Math.max(0, ...cells.map(({ here }) => here?.values.length ?? 0));
  return [
    ...(whats.length > 0 ? [`Paper: ${whats.join("; ")}.`] : []),
    ...(has("curve") ? ["≈: read by eye from a curve."] : []),
    ...(has("memory") ? ["†: quoted from memory, not verified."] : []),
    ...(seeds > 1 ? ["± is the sample standard deviation over seeds, n how many there are."] : []),
  ];
}

function publishedText({ published, measure }: Cell): string {
  if (!published) return "–";
  const format = FORMATS[measure];
  const deviation = published.deviation === undefined ? "" : ` ± ${format(published.deviation)}`;
  const about = published.knowledge === "curve" ? "≈ " : "";
  const unsure = published.knowledge === "memory" ? " †" : "";
  return `${about}${format(published.value)}${deviation}${unsure}`;
}

function hereText({ here, measure, shown }: Cell, steps: number): string {
  if (!here) return "–";
  const text = reproducedText(here, measure, shown);
  return measure !== "step" && here.step < steps ? `${text} (after ${formatCount(here.step)} steps)` : text;
}

function reproducedText(here: Reproduced, measure: Cell["measure"], shown: Cell["shown"]): string {
  const format = FORMATS[measure];
  if (shown === "best") return format(bestOf(here, measure)) + seedsText(here);
  const deviation = here.deviation === null ? "" : ` ± ${format(here.deviation)}`;
  return format(here.mean) + deviation + seedsText(here);
}

const seedsText = ({ values }: Reproduced): string => (values.length > 1 ? ` (n = ${values.length})` : "");

/** Of these less is better. */
const LESS = new Set<Cell["measure"]>(["fid", "kid", "megabytes"]);

/** The best seed's value: the lowest FID, the highest accuracy. */
export function bestOf({ values }: Reproduced, measure: Cell["measure"]): number {
  return LESS.has(measure) ? Math.min(...values) : Math.max(...values);
}

function runsSentence({ runs }: Report): string {
  const texts = runs.map(({ id, label, seed, step, steps, state, message }) => {
    const left = step < steps ? `, ${formatCount(step)} of ${formatCount(steps)} steps` : "";
    const trouble = state === "failed" ? ` – failed: ${message ?? "no reason given"}` : "";
    return `${label} seed ${seed} (\`${id}\`${left}${trouble})`;
  });
  return `Runs: ${texts.join("; ")}.`;
}

const escapeCell = (text: string): string => text.replaceAll("|", "\\|");

/** One line a cell (RFC 4180). */
export function reportCsv(report: Report): string {
  const header = [
    "experiment",
    "scale",
    "row",
    "column",
    "measure",
    "published",
    "publishedDeviation",
    "publishedWhat",
    "publishedKnownFrom",
    "hereMean",
    "hereDeviation",
    "hereBest",
    "hereSeeds",
    "hereStep",
    "steps",
  ];
  const lines = report.cells.map(({ row, column, measure, published, here }) => [
    report.experiment,
    report.scale,
    row,
    column,
    measure,
    published?.value,
    published?.deviation,
    published?.what,
    published?.knowledge,
    here?.mean,
    here?.deviation,
    here && bestOf(here, measure),
    here?.seeds.join(" "),
    here?.step,
    report.steps,
  ]);
  return csvText([header, ...lines]);
}
