/**
 * The saw-tooth figure of an online study (paper figure 3): accuracy on the task under training,
 * for each variant beside the others.
 */
import type { LineChart, Series } from "../figures/line-chart.ts";
import type { AccuracyLine } from "./record.ts";
import { type OnlineSettings, totalIterations } from "./settings.ts";

/** A study to draw. */
export interface Curve {
  readonly name: string;
  readonly lines: readonly AccuracyLine[];
}

/** All curves in one chart. */
export function onlineChart(curves: readonly Curve[], settings: OnlineSettings, tasks: number): LineChart {
  const total = totalIterations(settings, tasks);
  const switches = Array.from(
    { length: tasks * settings.cycles - 1 },
    (_, i) => (i + 1) * settings.taskIterations,
  );
  // After a switch a classifier that still answers the old question is below chance.
  const lowest = Math.min(0.4, ...curves.flatMap(({ lines }) => lines.map(({ accuracy }) => accuracy)));
  return {
    title: "Online 1-vs-all classification",
    x: {
      label: "iterations",
      domain: [0, total],
      format: (value) => (value >= 1000 ? `${value / 1000}k` : `${value}`),
    },
    y: { label: "accuracy on the task under training", domain: [Math.floor(10 * lowest) / 10, 1] },
    series: curves.map(sawTooth),
    marks: switches,
    baseline: { value: 0.5, label: "chance" },
  };
}

/**
 * Measurements in the order in which they were made: at a switch the old task's end, then the new
 * one's beginning.
 */
const sawTooth = ({ name, lines }: Curve): Series => ({
  name,
  points: lines.map(({ step, accuracy }) => [step, accuracy] as const),
});
