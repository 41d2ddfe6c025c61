/** The curves of a report: a run's values over its steps, or one value of several runs. */

import { COMMON_CHART_NAMES, COMMON_CHARTS, type CommonChartName, chartTitle } from "../../base/charts.ts";
import { own } from "../../base/own.ts";
import { auxiliaryName, nameInRecord, QUANTITIES } from "../../base/quantities.ts";
import { hasScale } from "../../base/score-scale.ts";
import { describedMetrics } from "../../metrics/describe.ts";
import { commonTask, type PretextDescription } from "../../objectives/pretext/description.ts";
import { taskOf } from "../../objectives/pretext/registry.ts";
import type { StepEvent } from "../../training/events.ts";
import { overfittingShare } from "../../training/loop/health/overfitting.ts";
import type { LineChart, Series } from "../figures/line-chart.ts";
import type { RunFacts } from "./facts.ts";

/** Points of a curve; more are means over as many steps as it takes. */
const POINTS = 160;

type Point = readonly [number, number];

/**
 * Means over equal parts of a curve, at the middle of each, so that it has at most `max` points.
 */
export function thinned(points: readonly Point[], max = POINTS): Point[] {
  const size = Math.ceil(points.length / max);
  if (size <= 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const part = points.slice(i * size, (i + 1) * size);
    const mean = (axis: 0 | 1): number => part.reduce((sum, point) => sum + point[axis], 0) / part.length;
    return [mean(0), mean(1)] as const;
  });
}

type Curves = (typeof COMMON_CHARTS)[keyof typeof COMMON_CHARTS]["curves"];

/** How a chart of what is measured at every step looks. */
interface Look {
  /** Of the numbers' axis. */
  readonly label: string;
  readonly domain?: readonly [number, number];
  readonly baseline?: LineChart["baseline"];
}

/** One such chart. */
interface Followed extends Look {
  readonly title: string;
  readonly curves: Curves;
}

/** Of each of them; of runs whose tasks differ without one. */
const LOOKS: Readonly<Record<CommonChartName, (task: PretextDescription | undefined) => Look>> = {
  task: (task) => ({
    ...{ label: "share told right", domain: [0, 1] },
    ...(task && { baseline: { value: task.accuracy.chance, label: "guessing" } }),
  }),
  verdict: () => ({
    ...{ label: "mean sigmoid of the score", domain: [0, 1] },
    baseline: { value: 0.5, label: "undecided" },
  }),
  losses: () => ({ label: "loss" }),
};

/** @param task that all runs have; undefined where they differ */
const followed = (task: PretextDescription | undefined): readonly Followed[] =>
  COMMON_CHART_NAMES.map((name) => ({
    title: chartTitle(COMMON_CHARTS[name], task),
    curves: COMMON_CHARTS[name].curves,
    ...LOOKS[name](task),
  }));

/** A quantity as the record has it of a step. */
const ofStep = (key: Curves[number]) => {
  const [network, name] = QUANTITIES[key].of;
  return (step: StepEvent): number | undefined =>
    step[network][nameInRecord(name, Object.keys(step[network])) ?? ""];
};

const stepAxis = (last: number): LineChart["x"] => ({
  label: "generator step",
  domain: [0, Math.max(1, last)],
  format: (value) => (value >= 1000 ? `${value / 1000}k` : `${value}`),
});

const lastStep = (runs: readonly RunFacts[]): number =>
  Math.max(...runs.map(({ steps }) => steps.at(-1)?.step ?? 0));

/** A quantity of a run; none of a score that is no probability. */
const quantityCurve = (facts: RunFacts, name: string, key: Curves[number]): Series =>
  (key === "real" || key === "generated") && !hasScale(facts.config.objective.loss)
    ? { name, points: [] }
    : curve(facts, name, ofStep(key));

function curve(facts: RunFacts, name: string, of: (step: StepEvent) => number | undefined): Series {
  const points = facts.steps.flatMap((step): Point[] => {
    const value = of(step);
    return value === undefined ? [] : [[step.step, value]];
  });
  return { name, points: thinned(points) };
}

/** Charts of one run; those without a single point are left out. */
export function runCharts(facts: RunFacts): LineChart[] {
  const x = stepAxis(lastStep([facts]));
  const charts = followed(taskOf(facts.config.objective)?.description).map(
    ({ title, label, curves, domain, baseline }): LineChart => ({
      title,
      x,
      y: { label, ...(domain && { domain }) },
      series: curves.map((key) => quantityCurve(facts, QUANTITIES[key].short, key)),
      ...(baseline && { baseline }),
    }),
  );
  return [
    ...charts,
    auxiliaryChart(facts, x),
    diversityChart([facts], x),
    overfittingChart([facts], x),
    ...metricCharts([facts], x),
    probeChart(facts, x),
  ].filter(hasPoints);
}

/** What objective.auxiliary adds to the losses, each before its weight. */
function auxiliaryChart(facts: RunFacts, x: LineChart["x"]): LineChart {
  const series = (["discriminator", "generator"] as const).flatMap((network) =>
    Object.keys(facts.steps.at(-1)?.[network] ?? {}).flatMap((name) => {
      const label = auxiliaryName(name);
      if (label === undefined) return [];
      const title = network === "generator" ? `${label} (generator)` : label;
      return [curve(facts, title, (step) => step[network][name])];
    }),
  );
  return { title: "Auxiliary losses", x, y: { label: "loss, not weighed" }, series };
}

/** What linear classifiers make of each block, with the newest protocol. */
function probeChart({ probes }: RunFacts, x: LineChart["x"]): LineChart {
  const protocol = JSON.stringify(probes.at(-1)?.protocol);
  const alike = probes.filter((probe) => JSON.stringify(probe.protocol) === protocol);
  return {
    title: "Linear probe",
    x,
    y: { label: "top-1 accuracy on test images" },
    series: Object.keys(probes.at(-1)?.accuracies ?? {}).map((block) => ({
      name: block,
      points: alike.map(({ step, accuracies }) => [step, own(accuracies, block) ?? Number.NaN] as const),
    })),
  };
}

/** The same of several runs, a curve each. */
export function comparedCharts(runs: readonly RunFacts[]): LineChart[] {
  const x = stepAxis(lastStep(runs));
  const task = commonTask(runs.map(({ config }) => taskOf(config.objective)?.description));
  const charts = followed(task).flatMap(({ title, label, curves, domain, baseline }) =>
    curves.map(
      (key): LineChart => ({
        title: `${title}: ${QUANTITIES[key].short}`,
        x,
        y: { label, ...(domain && { domain }) },
        series: runs.map((facts) => quantityCurve(facts, facts.name, key)),
        ...(baseline && { baseline }),
      }),
    ),
  );
  return [...metricCharts(runs, x), diversityChart(runs, x), overfittingChart(runs, x), ...charts].filter(
    hasPoints,
  );
}

const hasPoints = ({ series }: LineChart): boolean => series.some(({ points }) => points.length > 1);

/**
 * Variety of figures where the record has it: the spread of pixels takes one figure at many sizes
 * for many.
 */
const diversityChart = (runs: readonly RunFacts[], x: LineChart["x"]): LineChart => ({
  title: "Diversity",
  x,
  y: { label: "variety of figures, relative to real images" },
  series: runs.map(({ name, samples }) => ({
    name,
    points: samples.flatMap(({ step, variety }): Point[] => (variety ? [[step, variety.figures]] : [])),
  })),
  baseline: { value: 1, label: "as real images" },
});

/** Where held-out images lie between training images and generated ones. */
const overfittingChart = (runs: readonly RunFacts[], x: LineChart["x"]): LineChart => ({
  title: QUANTITIES.overfitting.name,
  x,
  y: { label: "score of held-out images, 0: as training images" },
  series: runs.map(({ name, samples }) => ({
    name,
    points: samples.flatMap(({ step, heldOut }): Point[] => {
      const share = heldOut && overfittingShare(heldOut);
      return share === undefined || step === 0 ? [] : [[step, share]];
    }),
  })),
  baseline: { value: 1, label: "as generated images" },
});

/** A chart for each metric, protocol and feature network, as others cannot be compared. */
function metricCharts(runs: readonly RunFacts[], x: LineChart["x"]): LineChart[] {
  const charts = new Map<string, { title: string; curves: Map<RunFacts, Map<number, number>> }>();
  for (const facts of runs)
    for (const evaluation of facts.evaluations)
      for (const { key, title, mean } of describedMetrics(evaluation)) {
        // How far subsets differ says how sure a number is; it is no curve of its own.
        if (key.endsWith("Deviation")) continue;
        const { protocol, features, weights } = evaluation;
        const id = `${key} ${protocol} ${features.hash} ${weights}`;
        const heading = `${title}, ${weights} weights (${protocol} settings)`;
        const chart = charts.get(id) ?? { title: heading, curves: new Map() };
        charts.set(id, chart);
        const points = chart.curves.get(facts) ?? new Map<number, number>();
        chart.curves.set(facts, points.set(evaluation.step, mean));
      }
  return [...charts.values()].map(({ title, curves }) => ({
    title,
    x,
    y: { label: title.split(",")[0]! },
    series: [...curves].map(([facts, points]) => ({
      name: facts.name,
      points: [...points].sort(([a], [b]) => a - b),
    })),
  }));
}
