/** What a table says: both numbers, how each is known, and what is missing. */
import { expect, it } from "vitest";
import { bestOf, reportCsv, reportMarkdown } from "./markdown.ts";
import type { Reproduced } from "./record.ts";
import type { Cell, Report } from "./report.ts";

const here = (values: number[], step = 100): Reproduced => ({
  values,
  seeds: values.map((_, i) => i + 1),
  mean: values.reduce((a, b) => a + b, 0) / values.length,
  deviation: values.length > 1 ? 2 : null,
  step,
});
const report = (cells: readonly Cell[], more: Partial<Report> = {}): Report => ({
  experiment: "table1",
  title: "Table 1",
  scale: "laptop",
  scaleDescription: "narrow",
  settings: { "generator.width": 32 },
  data: "CIFAR-10",
  steps: 100,
  complete: true,
  protocols: ["FID: ours."],
  runs: [],
  rows: "Model",
  cells,
  charts: [],
  notes: [],
  ...more,
});
const cell = (more: Partial<Cell>): Cell => ({
  row: "SS-GAN",
  column: "FID",
  measure: "fid",
  shown: "mean",
  ...more,
});

it("sets ours beside the paper's, with spread, seeds and how the published one is known", () => {
  const text = reportMarkdown(
    report([
      cell({
        published: { value: 17.88, deviation: 0.64, what: "table 2", knowledge: "memory" },
        here: here([30, 34]),
      }),
      cell({
        row: "Uncond",
        published: { value: 20.9, what: "figure 4a", knowledge: "curve" },
        here: here([40], 50),
      }),
      cell({ row: "Cond", published: { value: 15.6, what: "table 1", knowledge: "printed" } }),
    ]),
  );
  expect(text).toContain("| Model | FID, paper | FID, here |");
  expect(text).toContain("| SS-GAN | 17.88 ± 0.64 † | 32.00 ± 2.00 (n = 2) |");
  expect(text).toContain("| Uncond | ≈ 20.90 | 40.00 (after 50 steps) |");
  expect(text).toContain("| Cond | 15.60 | – |");
  expect(text).toContain("†: quoted from memory, not verified.");
  expect(text).toContain("`generator.width` 32");
  expect(text).not.toContain("Not complete");
});

it("a column of our own has no place for the paper; marks that are not used are not explained", () => {
  const text = reportMarkdown(report([cell({ column: "α", here: here([1]) })], { complete: false }));
  expect(text).toContain("| Model | α, here |");
  expect(text).not.toMatch(/†|≈|Paper:/);
  expect(text).toContain("**Not complete**");
});

it("failed and unfinished runs are named with the reason", () => {
  const run = { id: "abc", label: "SS-GAN", seed: 1, steps: 100 };
  const text = reportMarkdown(
    report([cell({})], {
      runs: [
        { ...run, step: 40, state: "failed", message: "Training has diverged" },
        { ...run, seed: 2, step: 100, state: "done" },
      ],
    }),
  );
  expect(text).toContain("SS-GAN seed 1 (`abc`, 40 of 100 steps – failed: Training has diverged)");
  expect(text).toContain("SS-GAN seed 2 (`abc`)");
});

it("the best is the lowest FID and the highest accuracy", () => {
  expect(bestOf(here([3, 1, 2]), "fid")).toBe(1);
  expect(bestOf(here([3, 1, 2]), "accuracy")).toBe(3);
});

it("CSV has a line a cell, with all of it", () => {
  const [header, line] = reportCsv(
    report([
      cell({
        row: "a, b",
        published: { value: 17.11, what: "table 1", knowledge: "printed" },
        here: here([30, 34]),
      }),
    ]),
  ).split("\r\n");
  expect(header).toMatch(/^experiment,scale,row,column,measure,published,/);
  expect(line).toBe('table1,laptop,"a, b",FID,fid,17.11,,table 1,printed,32,2,30,1 2,100,100');
});
