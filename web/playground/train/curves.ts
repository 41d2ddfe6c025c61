/** The numbers of a run over its steps, as the charts take them. */

import {
  COMMON_CHART_NAMES,
  COMMON_CHARTS,
  type CommonChart,
  type CommonChartName,
  chartTitle,
} from "../../../src/base/charts.ts";
import {
  QUANTITIES,
  type QuantityKey,
  type QuantityValues,
  quantitiesOfStep,
  RECENT_STEPS,
  recentQuantities,
  WINDOWS,
} from "../../../src/base/quantities.ts";
import { percent } from "../../../src/base/text/format/index.ts";
import type { PretextDescription } from "../../../src/objectives/pretext/description.ts";
import type { RecordLine, StepEvent } from "../../../src/training/events.ts";
import type { ChartLook, Level, Line } from "../../common/chart.ts";

/** A curve: which number, in which color. */
interface Curve {
  readonly key: QuantityKey;
  readonly tone: string;
}

/** A chart of the page, with what it means. */
interface ChartDefinition {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly look: ChartLook;
  readonly explain: { readonly what: string; readonly good: string; readonly bad: string };
}

/** Colors of the two curves of a chart. */
const TONES = ["--tone-2", "--tone-1"] as const;
const curvesOf = ({ curves }: CommonChart): Curve[] => curves.map((key, i) => ({ key, tone: TONES[i % 2]! }));

/**
 * Charts of the page.
 * @param task of the run; undefined for a plain GAN, which has no chart of one
 */
export const chartsOf = (task: PretextDescription | undefined): readonly ChartDefinition[] =>
  COMMON_CHART_NAMES.flatMap((name) => COMMON[name](task) ?? []);

/** Each of them; undefined for a run that has no such chart. */
const COMMON: Readonly<
  Record<CommonChartName, (task: PretextDescription | undefined) => ChartDefinition | undefined>
> = {
  task: (task) => (task?.answers ? taskChart(task) : undefined),
  verdict: () => ({
    ...{ title: COMMON_CHARTS.verdict.title, curves: curvesOf(COMMON_CHARTS.verdict) },
    look: { range: [0, 1], levels: [{ value: 0.5, label: "undecided" }], format: percent },
    explain: {
      what: "How real the discriminator takes images to be, on average",
      good: "The two curves stay near each other: it finds it hard to tell.",
      bad: "One at 100% and the other at 0%: it tells without error.",
    },
  }),
  losses: () => ({
    ...{ title: COMMON_CHARTS.losses.title, curves: curvesOf(COMMON_CHARTS.losses) },
    look: {},
    explain: {
      what: "What each network tries to make small",
      good: "Both move and neither runs away; they push against each other, so they do not fall to zero.",
      bad: "The discriminator's goes to zero and stays: it has won, and the generator learns nothing any more.",
    },
  }),
};

const taskChart = (task: PretextDescription): ChartDefinition => {
  const { question, unlearnable, accuracy } = task;
  const chance = percent(accuracy.chance);
  return {
    title: chartTitle(COMMON_CHARTS.task, task),
    curves: curvesOf(COMMON_CHARTS.task),
    look: { range: [0, 1], levels: [{ value: accuracy.chance, label: "guessing" }], format: percent },
    explain: {
      what: `How often the discriminator tells ${question}`,
      good: `It rises well above ${chance} on real images, and the generated ones follow.`,
      bad: `It stays at ${chance}. ${unlearnable.split(": ")[0]}.`,
    },
  };
};

/** Points a curve is drawn with at the most. */
const MAX = 600;

/** Lines of a chart from the steps of a record, thinned out by averaging neighbors. */
export function linesOf(steps: readonly StepEvent[], curves: readonly Curve[]): Line[] {
  const each = Math.max(1, Math.ceil(steps.length / MAX));
  const buckets: StepEvent[][] = [];
  for (let i = 0; i < steps.length; i += each) buckets.push(steps.slice(i, i + each));
  const numbers = buckets.map((bucket) => bucket.map((event) => quantitiesOfStep({ ...event })));
  const now = recentOf(steps);
  return curves.map(({ key, tone }) => ({
    label: QUANTITIES[key].short,
    tone,
    steps: buckets.map((bucket) => bucket.at(-1)!.step),
    values: numbers.map((bucket) => {
      const values = bucket.flatMap((one) => one[key] ?? []);
      return values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : null;
    }),
    now: now[key] === undefined ? undefined : { value: now[key], window: WINDOWS[QUANTITIES[key].window] },
  }));
}

/** What the latest steps say. */
export const recentOf = (steps: readonly StepEvent[]): QuantityValues =>
  recentQuantities(steps.slice(-RECENT_STEPS).map((step) => quantitiesOfStep({ ...step })));

/** The steps of a record. */
export const stepsOf = (record: readonly RecordLine[]): StepEvent[] =>
  record.filter((line) => line.kind === "step");

/** A chart of two runs. */
export interface DuelChart {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly level: Level;
  readonly explain: ChartDefinition["explain"];
}

/** Charts of a run with the pretext task and one without, over one another. */
export function duelCharts(
  withTask: readonly StepEvent[],
  without: readonly StepEvent[],
  task: PretextDescription | undefined,
): DuelChart[] {
  const tones = ["--tone-1", "--tone-2"] as const;
  const lineOf = (steps: readonly StepEvent[], key: QuantityKey, label: string, tone: string): Line[] =>
    linesOf(steps, [{ key, tone }]).map((line) => ({ ...line, label }));
  const taught = task ? `with ${task.title.toLowerCase()}` : "with the task";
  const gap = (key: QuantityKey) => [
    ...lineOf(withTask, key, taught, tones[0]),
    ...lineOf(without, key, "without", tones[1]),
  ];
  const pretext = task?.answers ? taskChart(task) : undefined;
  return [
    ...(pretext
      ? [
          {
            ...pretext,
            lines: [
              ...lineOf(withTask, "taskAccuracyReal", `${taught}, real images`, tones[0]),
              ...lineOf(withTask, "taskAccuracyGenerated", `${taught}, generated`, "--tone-3"),
            ],
            level: pretext.look.levels![0]!,
            explain: {
              ...pretext.explain,
              what: `${pretext.explain.what}. Only one of the two is taught it`,
            },
          },
        ]
      : []),
    {
      title: "Generated images taken for real",
      lines: gap("generated"),
      level: { value: 0.5, label: "undecided" },
      explain: {
        what: "How real each discriminator thinks the samples of its generator are, on average",
        good: "It wanders below the middle: the discriminator is ahead, but not by far.",
        bad: "At 0%: it tells without error, and the generator learns nothing any more.",
      },
    },
  ];
}
