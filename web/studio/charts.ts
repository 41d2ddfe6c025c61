/** Which charts there are, what each shows of a run, and what it means in plain words. */

import { percent } from "../../src/base/number-format.ts";
import type { Points, RunCurves, RunDetail } from "../../src/studio/protocol.ts";
import type { ChartLook, Line } from "../common/chart.ts";
import { count } from "./words.ts";

/** A run as charts see it. */
export interface RunData {
  readonly detail: RunDetail;
  readonly curves: RunCurves | undefined;
}

/** A line before it is known of which run, or in which colour. */
type Bare = Omit<Line, "tone">;

/** One chart. */
export interface ChartDefinition {
  readonly title: string;
  readonly explain: { readonly what: string; readonly good: string; readonly bad: string };
  readonly look?: ChartLook;
  /** Said instead of an empty chart; undefined: nothing is there yet. */
  readonly empty?: (run: RunData) => string | undefined;
  /** The lines of a run, the most telling one first. */
  lines(run: RunData): readonly Bare[];
  /** Its lines are a run's blocks, first to last by their names. */
  readonly blocks?: boolean;
  /** What the numbers depend on. */
  note?(run: RunData): string | undefined;
}

function curve({ curves }: RunData, name: string, label: string): Bare[] {
  const found = curves?.curves[name];
  if (!curves || !found) return [];
  return [{ label, steps: curves.steps, values: found.mean, least: found.least, greatest: found.greatest }];
}

function points(label: string, all: Points): Bare[] {
  if (all.length === 0) return [];
  return [{ label, steps: all.map(([step]) => step), values: all.map(([, value]) => value), sparse: true }];
}

function measured({ detail }: RunData, metric: string, label: string): Bare[] {
  // Numbers of different protocols are not comparable: the one used most often is drawn.
  const protocol = usualProtocol(detail);
  const all = detail.evaluations
    .filter((line) => line.protocol === protocol && line.metrics[metric])
    .map(({ step, metrics }) => [step, metrics[metric]!.mean] as const)
    .sort(([a], [b]) => a - b);
  return points(label, all);
}

function usualProtocol({ evaluations }: RunDetail): string | undefined {
  const counts = new Map<string, number>();
  for (const { protocol } of evaluations) counts.set(protocol, (counts.get(protocol) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function protocolNote({ detail }: RunData): string | undefined {
  const protocol = usualProtocol(detail);
  const line = detail.evaluations.findLast((one) => one.protocol === protocol);
  if (!line) return undefined;
  const { features, reference, generated } = line;
  return `${protocol}: ${features.name}, ${count(generated.count)} samples against ${count(reference.count)} of ${reference.data} (${reference.split}), ${generated.quantisation}`;
}

/** By its configuration: a run without steps yet has no curves either. */
const withoutRotation = ({ detail }: RunData): string | undefined =>
  detail.config["objective.selfSupervision"] === "none" ? "This run has no rotation head." : undefined;

/** Every chart, in the order of the page. */
export const CHARTS: readonly ChartDefinition[] = [
  {
    title: "Rotation accuracy",
    explain: {
      what: "How often the discriminator tells by which quarter turn an image was rotated. This is what makes the GAN self-supervised.",
      good: "Real climbs well above 25% and stays there; generated follows some way below.",
      bad: "Real stays at 25%: it only guesses. Or it rises and falls back: the discriminator forgets.",
    },
    look: { range: [0, 1], levels: [{ value: 0.25, label: "guessing" }], format: percent },
    empty: withoutRotation,
    lines: (run) => [
      ...curve(run, "discriminator.rotationAccuracyReal", "real images"),
      ...curve(run, "generator.rotationAccuracyFake", "generated images"),
    ],
  },
  {
    title: "Real or fake?",
    explain: {
      what: "How real the discriminator takes images to be, on average: 100% is certainly real.",
      good: "Real lies above generated, with a gap that stays moderate: both sides keep learning.",
      bad: "Real at 100% and generated at 0%: the discriminator has won, and the generator learns nothing more.",
    },
    look: { range: [0, 1], levels: [{ value: 0.5, label: "undecided" }], format: percent },
    lines: (run) => [
      ...curve(run, "discriminator.real", "D(real)"),
      ...curve(run, "discriminator.fake", "D(generated)"),
    ],
  },
  {
    title: "Losses",
    explain: {
      what: "What each network tries to make small. They work against each other, so neither should reach zero.",
      good: "After the first steps both wander around a level.",
      bad: "One shoots up or down without end. Do not judge images by losses: lower is not better looking.",
    },
    look: { robust: true },
    lines: (run) => [
      ...curve(run, "discriminator.loss", "discriminator"),
      ...curve(run, "generator.loss", "generator"),
    ],
  },
  {
    title: "FID",
    explain: {
      what: "Distance between generated and real images, as a feature network sees them. Comparable only where protocol and features are the same.",
      good: "It falls; the lower, the closer to real images.",
      bad: "It rises for several measurements in a row: training has passed its best.",
    },
    look: { range: [0, undefined] },
    empty: () =>
      "Not measured. train --evaluate-every 1000 measures while training, “quarterturn evaluate” afterwards.",
    lines: (run) => measured(run, "fid", "FID"),
    note: protocolNote,
  },
  {
    title: "KID",
    explain: {
      what: "Another distance to real images, free of FID's bias for few samples.",
      good: "It falls towards 0, where generated images are as good as real ones.",
      bad: "It rises while losses look fine.",
    },
    empty: () => "Not measured in this run.",
    lines: (run) => measured(run, "kid", "KID"),
    note: protocolNote,
  },
  {
    title: "Diversity of the samples",
    explain: {
      what: "How different the 64 samples are from one another, compared with real images.",
      good: "Near 100%: as varied as real images.",
      bad: "Below 25%: the generator has collapsed to a few pictures.",
    },
    look: {
      range: [0, undefined],
      levels: [
        { value: 1, label: "as real images" },
        { value: 0.25, label: "collapsed" },
      ],
      format: percent,
    },
    lines: ({ detail }) =>
      points(
        "diversity",
        detail.samples.map(({ step, diversity }) => [step, diversity]),
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
    empty: () => "Not probed. Images with labels can be, with training.probeEvery.",
    lines: ({ detail }) => probeLines(detail),
    blocks: true,
    note: probeNote,
  },
  {
    title: "Rotation losses",
    explain: {
      what: "Cross-entropy of the rotation head: how surprised it is by the true turn.",
      good: "Well below 1.39, where it only guesses.",
      bad: "At 1.39, or rising again.",
    },
    look: { range: [0, undefined], robust: true, levels: [{ value: Math.log(4), label: "guessing" }] },
    empty: withoutRotation,
    lines: (run) => [
      ...curve(run, "discriminator.rotationLossReal", "real images"),
      ...curve(run, "generator.rotationLossFake", "generated images"),
    ],
  },
  {
    title: "Learning rate",
    explain: {
      what: "How big a step each update takes.",
      good: "As configured; a dashed line marks where somebody changed a value.",
      bad: "Too high shows elsewhere: curves that jump about, collapse, divergence.",
    },
    lines: (run) => [
      ...curve(run, "learningRate", "generator"),
      ...curve(run, "discriminatorLearningRate", "discriminator"),
    ],
  },
  {
    title: "Speed",
    explain: {
      what: "Real images the discriminator is shown a second.",
      good: "Steady.",
      bad: "It sags: something else uses the machine.",
    },
    look: { range: [0, undefined] },
    lines: (run) => curve(run, "imagesPerSecond", "images/s"),
  },
];

/** One line a block; the best of the latest probe first. */
function probeLines({ probes }: RunDetail): Bare[] {
  const last = probes.at(-1);
  if (!last) return [];
  const blocks = Object.keys(last.accuracies).sort(
    (a, b) => Number(b === last.best) - Number(a === last.best),
  );
  return blocks.flatMap((block) =>
    points(
      block,
      probes.flatMap(({ step, accuracies }) =>
        accuracies[block] === undefined ? [] : [[step, accuracies[block]]],
      ),
    ),
  );
}

function probeNote({ detail }: RunData): string | undefined {
  const last = detail.probes.at(-1);
  if (!last) return undefined;
  const { protocol, test, classes } = last;
  return `${protocol.name}: ${protocol.epochs} epochs, ${count(test.count)} images of ${test.data} (${test.split}), ${classes} classes; guessing gives ${percent(1 / classes)}`;
}

/** Tones of the lines of one run. */
const TONES = ["--tone-2", "--tone-1", "--tone-3", "--run-3", "--run-4", "--run-5", "--run-7", "--run-8"];

/** Lines of a chart for one run. A single one is in the accent colour. */
export function linesOf(chart: ChartDefinition, run: RunData): Line[] {
  const lines = chart.lines(run);
  return lines.map((line, i) => ({
    ...line,
    tone: lines.length === 1 ? "--tone-1" : TONES[i % TONES.length]!,
  }));
}

/** Charts with something to show first. */
export function inOrderOfNews(run: RunData): readonly ChartDefinition[] {
  const has = (chart: ChartDefinition): boolean => chart.lines(run).length > 0;
  return [...CHARTS.filter(has), ...CHARTS.filter((chart) => !has(chart))];
}
