/** What a chart of the page is made of, and what it is called for some runs. */
import { metricName, PUBLISHED_FEATURES } from "../../../src/base/metric-quantities.ts";
import { commonTask, type PretextDescription } from "../../../src/objectives/pretext/description.ts";
import type { RunDetail } from "../../../src/studio/protocol.ts";
import type { ChartLook } from "../../common/chart.ts";
import type { Bare, RunData } from "./chart-lines.ts";

/** What a chart is called, what it means, and how it is drawn. */
interface ChartWords {
  readonly title: string;
  readonly explain: { readonly what: string; readonly good: string; readonly bad: string };
  readonly look?: ChartLook;
}

/** One chart. Its title is also its name in the page's address. */
export interface ChartDefinition extends ChartWords {
  /** The same for runs that have this pretext task in common. */
  readonly of?: (task: PretextDescription) => ChartWords;
  /** It is one of a metric, whose name has the features that it was measured by. */
  readonly metric?: "fid" | "kid";
  /** Said instead of an empty chart; undefined: nothing is there yet. */
  readonly empty?: (run: RunData) => string | undefined;
  /** The lines of a run, the most telling one first. */
  lines(run: RunData): readonly Bare[];
  /** Its lines are a run's blocks, first to last by their names. */
  readonly blocks?: boolean;
  /** What the numbers depend on. */
  note?(run: RunData): string | undefined;
}

/** What is said of a chart of these runs. */
export function wordsOf(chart: ChartDefinition, details: readonly RunDetail[]): ChartWords {
  const task = commonTask(details.map((detail) => detail.task));
  const words = (task && chart.of?.(task)) ?? chart;
  return chart.metric === undefined ? words : { ...words, title: metricTitle(chart.metric, details) };
}

/**
 * A metric with the features that it was measured by in all runs; its name alone where they differ.
 */
function metricTitle(metric: "fid" | "kid", details: readonly RunDetail[]): string {
  const [features, ...others] = new Set(
    details.flatMap(({ evaluations }) =>
      evaluations.flatMap(({ metrics, features }) => (metrics[metric] ? [features.name] : [])),
    ),
  );
  return metricName(metric, features === undefined || others.length > 0 ? PUBLISHED_FEATURES : features);
}
