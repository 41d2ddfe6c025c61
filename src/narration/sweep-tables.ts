/** What a sweep is to make, and what it has measured: tables of text. */
import { METRICS } from "../metrics/registry.ts";
import { type ResultRow, rowState, wholeVariations } from "../sweep/results.ts";
import { textTable } from "./table.ts";

/** A column: the value's name in the results, its heading, and how it is written. */
interface Column {
  readonly name: string;
  readonly title: string;
  readonly digits: number;
}

/**
 * What a run may have of measurements, in the order of the registry; of a probe the last block,
 * which figure 2 is about.
 */
function columnsOf(names: readonly string[]): Column[] {
  const metrics = METRICS.flatMap(({ values }) =>
    values.map(({ key, title, digits }) => ({ name: `evaluation.metrics.${key}.mean`, title, digits })),
  );
  const block = names.filter((name) => name.startsWith("probe.accuracies.")).at(-1);
  const probe =
    block === undefined ? [] : [{ name: block, title: `probe, ${block.split(".").at(-1)}`, digits: 3 }];
  return [...metrics, ...probe].filter(({ name }) => names.includes(name));
}

/**
 * Mean and deviation over the seeds of every variation.
 * @returns lines below an empty one; none where nothing was measured
 */
export function measuredTable(rows: readonly ResultRow[]): string[] {
  const variations = wholeVariations(rows);
  const columns = columnsOf([...new Set(variations.flatMap(({ values }) => Object.keys(values)))]);
  if (columns.length === 0) return [];
  const table = textTable([
    ["seeds", ...columns.map(({ title }) => title), "variation"],
    ...variations.map(({ label, seeds, values }) => [
      String(seeds.length),
      ...columns.map(({ name, digits }) => {
        const value = values[name];
        if (value === undefined) return "–";
        const spread = seeds.length > 1 ? ` ± ${value.sd.toFixed(digits)}` : "";
        return `${value.mean.toFixed(digits)}${spread}`;
      }),
      label,
    ]),
  ]);
  return ["", table, ""];
}

/** The runs of a sweep, and how each stands. */
export const runsTable = (rows: readonly ResultRow[]): string =>
  textTable([
    ["run", "seed", "steps", "state", "variation"],
    ...rows.map((row) => [row.id, String(row.seed), `${row.step}/${row.steps}`, rowState(row), row.label]),
  ]);
