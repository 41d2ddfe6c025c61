/** Means over the seeds are in every form of a sweep's results: CSV, page and terminal. */
import { parse } from "csv-parse/sync";
import { expect, it } from "vitest";
import { aggregate, type ResultRow, resultsCsv, resultsHtml } from "../sweep/results.ts";
import { measuredTable } from "./sweep-tables.ts";

const FID = "evaluation.metrics.fid.mean";
const row = (label: string, seed: number, step: number, fid?: number): ResultRow => ({
  ...{ id: `${label}${seed}`, label, seed, dir: "", state: "done", step, steps: 20 },
  values: {
    "discriminator.loss": seed,
    ...(fid !== undefined && { [FID]: fid, "probe.accuracies.block1": 0.25, "probe.accuracies.block2": 0.5 }),
  },
});
const rows = [
  row("a", 1, 20, 30),
  row("a", 2, 20, 34),
  row("a", 3, 10, 99),
  row("b, c", 1, 20),
  row("d", 1, 5),
];

it("as numbers", () => {
  expect(aggregate(rows).map(({ label, runs, seeds }) => [label, runs, seeds])).toEqual([
    ["a", 2, [1, 2]],
    ["b, c", 1, [1]],
    ["d", 0, []],
  ]);
});

it("in the CSV, told apart from the runs", () => {
  const lines = parse(resultsCsv(rows), { columns: true }) as Record<string, string>[];
  const of = (kind: string) =>
    lines
      .filter((line) => line.row === kind)
      .map((line) => [line.label, line.seed, line["discriminator.loss"], line[FID]]);
  expect(of("run")).toHaveLength(5);
  expect(of("mean")).toEqual([
    ["a", "1 2", "1.5", "32"],
    ["b, c", "1", "1", ""],
  ]);
  expect(of("sd")).toEqual([
    ["a", "1 2", String(Math.SQRT1_2), String(Math.sqrt(8))],
    ["b, c", "1", "", ""],
  ]);
});

it("on the page", () => {
  const page = resultsHtml("A sweep", rows);
  expect(page).toContain("<h2>Means over the seeds</h2>");
  expect(page).toContain("<tr><td>a</td><td>1, 2</td><td>1.5 ± 0.70711</td><td>32 ± 2.8284</td>");
  expect(page).toContain("<tr><td>b, c</td><td>1</td><td>1</td><td></td>");
  expect(resultsHtml("A sweep", [row("d", 1, 5)])).not.toContain("Means");
});

it("in the terminal: only what is measured", () => {
  expect(
    measuredTable(rows)
      .join("\n")
      .split(/\n/)
      .map((line) => line.trim().split(/ {2,}/)),
  ).toEqual([
    [""],
    ["seeds", "FID", "probe, block2", "variation"],
    ["2", "32.000 ± 2.828", "0.500 ± 0.000", "a"],
    ["1", "–", "–", "b, c"],
    [""],
  ]);
  expect(measuredTable([row("b", 1, 20)])).toEqual([]);
});
