/**
 * The curves that every view of a run has: which there are, what they are called, which numbers
 * they show. Studio, playground and report take them from here, in this order.
 */
import { QUANTITIES, type QuantityKey } from "./quantities.ts";

/** A chart of a run. */
export interface CommonChart {
  /** Of a run with a pretext task the task's title stands for “Task”. */
  readonly title: string;
  /** Its curves, first to last: real before generated, discriminator before generator. */
  readonly curves: readonly QuantityKey[];
  /** It is one of the pretext task, which a plain GAN has not. */
  readonly ofTask?: true;
}

/** All of them. */
export const COMMON_CHARTS = {
  task: {
    ...{ title: "Task accuracy", ofTask: true },
    curves: ["taskAccuracyReal", "taskAccuracyGenerated"],
  },
  verdict: { title: "Real or fake?", curves: ["real", "generated"] },
  losses: { title: "Losses", curves: ["discriminatorLoss", "generatorLoss"] },
} as const satisfies Readonly<Record<string, CommonChart>>;

/** A name of one of them. Each view has words for every one: the compiler asks for them. */
export type CommonChartName = keyof typeof COMMON_CHARTS;

/** All names, in the order in which the charts are shown. */
export const COMMON_CHART_NAMES = Object.keys(COMMON_CHARTS) as CommonChartName[];

/** What a chart is called in a run, which may have a pretext task: `Rotation accuracy`. */
export const chartTitle = ({ title }: CommonChart, task?: { readonly title: string }): string =>
  task ? title.replace(/^Task\b/, task.title) : title;

/** What its curves are called. */
export const curveNames = ({ curves }: CommonChart): string[] => curves.map((key) => QUANTITIES[key].short);
