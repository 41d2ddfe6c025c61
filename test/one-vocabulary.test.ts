/**
 * The same curve has the same name, the same place and the same color in the studio, in the
 * playground and in a report.
 */
import { expect, it } from "vitest";
import { COMMON_CHARTS, chartTitle, curveNames } from "../src/base/charts.ts";
import { QUANTITIES, quantityName } from "../src/base/quantities.ts";
import { taskOf } from "../src/objectives/pretext/registry.ts";
import { runCharts } from "../src/studies/report/curves.ts";
import type { RunFacts } from "../src/studies/report/facts.ts";
import { keyFigures } from "../src/studies/report/run-sections.ts";
import type { RunDetail } from "../src/studio/protocol.ts";
import { addStep, curvesOf, emptySeries } from "../src/studio/record/series.ts";
import { steps } from "../src/studio/testing/records.ts";
import { flattenConfig, parseConfig } from "../src/training/config/check.ts";
import type { StepEvent } from "../src/training/events.ts";
import * as playground from "../web/playground/train/curves.ts";
import { wordsOf } from "../web/studio/charts/chart-definition.ts";
import { CHARTS, linesOf } from "../web/studio/charts/charts.ts";

const config = parseConfig({});
const task = taskOf(config.objective)!.description;
const record = steps(1, 20)
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as StepEvent);
const expected = Object.values(COMMON_CHARTS).map((chart) => [
  chartTitle(chart, task),
  curveNames(chart),
  ["--tone-2", "--tone-1"],
]);

it("in the studio", () => {
  const series = emptySeries();
  for (const { step, discriminator, generator } of record)
    addStep(series, step, {
      ...Object.fromEntries(
        Object.entries(discriminator).map(([name, value]) => [`discriminator.${name}`, value]),
      ),
      ...Object.fromEntries(Object.entries(generator).map(([name, value]) => [`generator.${name}`, value])),
    });
  const detail = {
    task,
    config: flattenConfig(config),
    status: {},
    samples: [],
    evaluations: [],
    probes: [],
  } as unknown as RunDetail;
  const curves = { id: "run", generation: 0, ...curvesOf(series, 20) };
  const shown = CHARTS.slice(0, expected.length).map((chart) => {
    const lines = linesOf(chart, { detail, curves });
    return [wordsOf(chart, [detail]).title, lines.map(({ label }) => label), lines.map(({ tone }) => tone)];
  });
  expect(shown).toEqual(expected);
});

it("in the playground", () => {
  const shown = playground.chartsOf(task).map(({ title, curves }) => {
    const lines = playground.linesOf(record, curves);
    return [title, lines.map(({ label }) => label), lines.map(({ tone }) => tone)];
  });
  expect(shown).toEqual(expected);
});

it("in a report, whose numbers have the names of the table too", () => {
  const facts = {
    config,
    steps: record,
    samples: [],
    probes: [],
    evaluations: [],
    sessions: [],
  } as unknown as RunFacts;
  const shown = runCharts(facts).map(({ title, series }) => [title, series.map(({ name }) => name)]);
  expect(shown).toEqual(expected.map(([title, names]) => [title, names]));
  const named = [...keyFigures(facts).matchAll(/<dt>([^<]*)<\/dt>/g)].map(([, name]) => name!);
  for (const key of ["taskAccuracyReal", "speed"] as const) expect(named).toContain(quantityName(key, task));
  expect(named.filter((name) => name === QUANTITIES.taskAccuracyReal.name)).toEqual([]);
});
