/** When a result says less than the one in whose place it would come. */
import { expect, it } from "vitest";
import type { SweepPoint } from "../../sweep/plan.ts";
import type { Cell, Report } from "./report.ts";
import { hasNumbers, lostByPlan, lostCells, sameSettings } from "./result-regression.ts";

const cell = (row: string, step?: number, seeds = 1): Cell => ({
  row,
  column: "FID",
  measure: "fid",
  shown: "mean",
  here:
    step === undefined
      ? undefined
      : {
          values: Array.from({ length: seeds }, () => 20),
          seeds: Array.from({ length: seeds }, (_, i) => i + 1),
          mean: 20,
          deviation: null,
          step,
        },
});

it("a number that is missing, of shorter runs or of fewer seeds is lost; one of longer runs is not", () => {
  const before = [cell("a", 100, 2), cell("b", 100), cell("c")];
  expect(lostCells(before, before)).toBeUndefined();
  expect(lostCells(before, [cell("a", 200, 1), cell("b", 100, 3)])).toBeUndefined();
  expect(lostCells(before, [cell("a", 100, 1), cell("b", 100)])).toContain("1 of its 2 numbers");
  expect(lostCells(before, [cell("a", 99, 2), cell("b")])).toContain("2 of its 2 numbers");
  expect(lostCells([cell("c")], [])).toBeUndefined();
  expect([before, [cell("c")]].map((cells) => hasNumbers({ cells }))).toEqual([true, false]);
});

it("runs that are too short, or too few, are known before they are trained", () => {
  const runs = [
    { label: "a", seed: 1, step: 100 },
    { label: "a", seed: 2, step: 100 },
    { label: "b", seed: 1, step: 0 },
  ];
  const before = { cells: [cell("a", 100, 2), cell("b")], runs } as unknown as Report;
  const points = (...labels: string[]) => labels.map((label) => ({ label })) as SweepPoint[];
  expect(lostByPlan(before, points("a", "a"), 100)).toBeUndefined();
  expect(lostByPlan(before, points("a"), 200)).toBeUndefined();
  expect(lostByPlan(before, points("a"), 100)).toContain("2 seeds of a, this one would have 1");
  expect(lostByPlan(before, points("a", "a"), 99)).toContain("have 100 steps, these would have 99");
  expect(lostByPlan(before, points("b"), 200)).toContain("no a in this one");
});

it("settings are the same whatever the length, and whether a value was read as text", () => {
  const before = { scale: "tiny", settings: { "generator.width": "16", "training.steps": 20 } };
  const asked = (width: number) => ({ "training.steps": 50, "generator.width": width });
  expect(sameSettings(before, "tiny", asked(16))).toBe(true);
  expect(sameSettings(before, "tiny", asked(8))).toBe(false);
  expect(sameSettings(before, "laptop", asked(16))).toBe(false);
});
