/** Which charts there are, what each shows of a run, and what it means in plain words. */

import {
  COMMON_CHART_NAMES,
  COMMON_CHARTS,
  type CommonChartName,
  chartTitle,
} from "../../../src/base/charts.ts";
import { metricFormat } from "../../../src/base/metric-quantities.ts";
import { QUANTITIES } from "../../../src/base/quantities.ts";
import { hasScale } from "../../../src/base/score-scale.ts";
import { percent } from "../../../src/base/text/format/index.ts";
import { guessingLoss } from "../../../src/objectives/pretext/description.ts";
import { overfittingShare } from "../../../src/training/loop/health/overfitting.ts";
import type { Line } from "../../common/chart.ts";
import type { ChartDefinition } from "./chart-definition.ts";
import {
  auxiliaryLines,
  curve,
  measured,
  measuredOf,
  points,
  probeLines,
  probeNote,
  protocolNote,
  type RunData,
  usagePoints,
  withoutTask,
} from "./chart-lines.ts";

/** Those that every view of a run has. */
const COMMON: Readonly<Record<CommonChartName, ChartDefinition>> = {
  task: {
    title: COMMON_CHARTS.task.title,
    explain: {
      what: "How often the discriminator is right in its pretext task. This is what makes the GAN self-supervised.",
      good: "Real climbs well above guessing and stays there; generated follows some way below.",
      bad: "Real stays where guessing is. Or it rises and falls back: the discriminator forgets.",
    },
    look: { range: [0, 1], format: percent },
    of: ({ title, question, accuracy: { chance } }) => ({
      title: chartTitle(COMMON_CHARTS.task, { title }),
      explain: {
        what: `How often the discriminator tells ${question}. This is what makes the GAN self-supervised.`,
        good: `Real climbs well above ${percent(chance)} and stays there; generated follows some way below.`,
        bad: `Real stays at ${percent(chance)}: it only guesses. Or it rises and falls back: the discriminator forgets.`,
      },
      look: { range: [0, 1], levels: [{ value: chance, label: "guessing" }], format: percent },
    }),
    empty: withoutTask,
    lines: (run) => COMMON_CHARTS.task.curves.flatMap((key) => curve(run, key)),
  },
  verdict: {
    title: COMMON_CHARTS.verdict.title,
    explain: {
      what: "How real the discriminator takes images to be, on average: 100% is certainly real.",
      good: "Real lies above generated, with a gap that stays moderate: both sides keep learning.",
      bad: "Real at 100% and generated at 0%: the discriminator has won, and the generator learns nothing more.",
    },
    look: { range: [0, 1], levels: [{ value: 0.5, label: "undecided" }], format: percent },
    empty: ({ detail: { config } }) =>
      hasScale(config["objective.loss"])
        ? undefined
        : `a score has no scale of its own where objective.loss is ${String(config["objective.loss"])}`,
    lines: (run) =>
      hasScale(run.detail.config["objective.loss"])
        ? COMMON_CHARTS.verdict.curves.flatMap((key) => curve(run, key))
        : [],
  },
  losses: {
    title: COMMON_CHARTS.losses.title,
    explain: {
      what: "What each network tries to make small. They work against each other, so neither should reach zero.",
      good: "After the first steps both wander around a level.",
      bad: "One shoots up or down without end. Do not judge images by losses: lower is not better looking.",
    },
    look: { robust: true },
    lines: (run) => COMMON_CHARTS.losses.curves.flatMap((key) => curve(run, key)),
  },
};

/** Every chart, in the order of the page. */
export const CHARTS: readonly ChartDefinition[] = [
  ...COMMON_CHART_NAMES.map((name) => COMMON[name]),
  {
    title: "FID",
    metric: "fid",
    explain: {
      what: "Distance between generated and real images, as a feature network sees them. Comparable only where protocol and features are the same.",
      good: "It falls; the lower, the closer to real images.",
      bad: "It rises for several measurements in a row: training has passed its best.",
    },
    look: { range: [0, undefined], format: metricFormat("fid") },
    empty: () => "train --evaluate-every 1000 measures it while training, “quarterturn evaluate” afterwards",
    lines: (run) => measured(run, "fid"),
    note: protocolNote,
  },
  {
    title: "KID",
    metric: "kid",
    explain: {
      what: "Another distance to real images, free of FID's bias for few samples.",
      good: "It falls toward 0, where generated images are as good as real ones.",
      bad: "It rises while losses look fine.",
    },
    look: { format: metricFormat("kid") },
    empty: () => "with FID",
    lines: (run) => measured(run, "kid"),
    note: protocolNote,
  },
  {
    title: "Diversity",
    explain: {
      what: "In how many independent ways the figures of the samples differ, compared with real images. One figure drawn at many sizes counts as one.",
      good: "Near 100%: as varied as real images.",
      bad: "Below about 57%: nearly one figure, the generator has collapsed.",
    },
    look: {
      range: [0, undefined],
      levels: [
        { value: 1, label: "as real images" },
        { value: 0.567, label: "collapsed" },
      ],
      format: percent,
    },
    empty: () => "an earlier version wrote this record",
    lines: ({ detail }) =>
      points(
        QUANTITIES.figures.short,
        measuredOf(detail).flatMap(({ step, variety }) =>
          variety ? [[step, variety.figures] as const] : [],
        ),
      ),
  },
  {
    title: QUANTITIES.overfitting.name,
    explain: {
      what: "Where the discriminator's scores of held-out images lie between those of training images (0%) and of generated ones (100%).",
      good: "Near 0%: it judges images it was never shown as it judges those it was.",
      bad: "Above 50%: it learns the training images by heart. From there on samples turn into copies, or become worse.",
    },
    look: {
      levels: [
        { value: 0, label: "as training images" },
        { value: 0.5, label: "by heart" },
      ],
      format: percent,
    },
    empty: () => "no images are held out, or an earlier version wrote this record",
    lines: ({ detail }) =>
      points(
        QUANTITIES.overfitting.short,
        measuredOf(detail).flatMap(({ step, heldOut }) => {
          const share = heldOut && overfittingShare(heldOut);
          return share === undefined || step === 0 ? [] : [[step, share] as const];
        }),
      ),
  },
  {
    title: "Probe accuracy",
    explain: {
      what: "How much the discriminator's features know about classes it was never told: a linear classifier on each block.",
      good: "It keeps rising: the discriminator goes on learning something useful.",
      bad: "It falls: the discriminator forgets. Self-supervision is there to prevent that.",
    },
    look: { format: percent },
    empty: () =>
      "of images with labels: train --probe-every 1000 while training, “quarterturn probe” afterwards",
    lines: ({ detail }) => probeLines(detail),
    blocks: true,
    note: probeNote,
  },
  {
    title: "Task losses",
    explain: {
      what: "Loss of the pretext task's head: how surprised it is by the true answer.",
      good: "Well below where guessing is.",
      bad: "Where guessing is, or rising again.",
    },
    look: { range: [0, undefined], robust: true },
    of: (task) => ({
      title: `${task.title} losses`,
      explain: {
        what: `Loss of the ${task.key} head: how surprised it is by the true answer.`,
        good: `Well below ${guessingLoss(task).toFixed(2)}, where it only guesses.`,
        bad: `At ${guessingLoss(task).toFixed(2)}, or rising again.`,
      },
      look: {
        range: [0, undefined],
        robust: true,
        levels: [{ value: guessingLoss(task), label: "guessing" }],
      },
    }),
    empty: withoutTask,
    lines: (run) => [...curve(run, "taskLossReal"), ...curve(run, "taskLossGenerated")],
  },
  {
    title: "Auxiliary losses",
    explain: {
      what: "What objective.auxiliary adds to the losses, each before its weight.",
      good: "Each falls, or stays low, while images get better.",
      bad: "One grows without end: its weight is too small to hold it, or the others too large.",
    },
    look: { robust: true },
    empty: () => "objective.auxiliary is none",
    lines: auxiliaryLines,
  },
  {
    title: QUANTITIES.augmentProbability.name,
    explain: {
      what: "How much an adaptive augmentation does: the more, the more the discriminator overfits.",
      good: "It rises from 0 and settles where the discriminator no longer knows all training images.",
      bad: "At 100% and staying there: the augmentations are too weak for so few images.",
    },
    look: { range: [0, 1], format: percent },
    empty: () => "training.adaptive is none",
    lines: (run) => curve(run, "augmentProbability"),
  },
  {
    title: "Learning rate",
    explain: {
      what: "How big a step each update takes.",
      good: "As configured; a dashed line marks where somebody changed a value.",
      bad: "Too high shows elsewhere: curves that jump about, collapse, divergence.",
    },
    look: { format: QUANTITIES.learningRate.format },
    lines: (run) => [...curve(run, "learningRate"), ...curve(run, "discriminatorLearningRate")],
  },
  {
    title: "Speed",
    explain: {
      what: "Real images the discriminator is shown a second.",
      good: "Steady.",
      bad: "It sags: something else uses the machine.",
    },
    look: { range: [0, undefined], format: QUANTITIES.speed.format },
    lines: (run) => curve(run, "speed"),
  },
  {
    title: QUANTITIES.memory.name,
    explain: {
      what: "Memory that the training's processes hold, looked at with every grid.",
      good: "Level after the first grids.",
      bad: "It climbs without end: sooner or later the system ends the training.",
    },
    look: { range: [0, undefined], format: QUANTITIES.memory.format },
    empty: () => "an earlier version wrote this record",
    lines: ({ detail }) => usagePoints(detail, "memory", ({ memoryBytes }) => memoryBytes),
  },
  {
    title: QUANTITIES.processor.name,
    explain: {
      what: "How many cores the training kept busy from grid to grid.",
      good: "Near the threads it was given.",
      bad: "Far below them: other programs use the machine, or the disk is slow.",
    },
    look: { range: [0, undefined], format: QUANTITIES.processor.format },
    empty: () => "an earlier version wrote this record",
    lines: ({ detail }) => usagePoints(detail, "processor", ({ cores }) => cores),
  },
];

/** Tones of the lines of one run. */
const TONES = ["--tone-2", "--tone-1", "--tone-3", "--run-3", "--run-4", "--run-5", "--run-7", "--run-8"];

/** Lines of a chart for one run. A single one is in the accent color. */
export function linesOf(chart: ChartDefinition, run: RunData): Line[] {
  const lines = chart.lines(run);
  return lines.map((line, i) => ({
    ...line,
    tone: lines.length === 1 ? "--tone-1" : TONES[i % TONES.length]!,
  }));
}
