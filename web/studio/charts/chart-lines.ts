/**
 * What a chart has of a run: curves of its record, measurements, probes, and what their numbers
 * depend on.
 */

import { metricName } from "../../../src/base/metric-quantities.ts";
import {
  auxiliaryName,
  nameInRecord,
  QUANTITIES,
  type Quantity,
  type QuantityKey,
  WINDOWS,
} from "../../../src/base/quantities.ts";
import { formatCount, percent } from "../../../src/base/text/format/index.ts";
import { imagesOf } from "../../../src/data/images-of.ts";
import { isOfProtocol } from "../../../src/metrics/protocol-name.ts";
import type { Points, RunCurves, RunDetail } from "../../../src/studio/protocol.ts";
import type { Curve } from "../../../src/studio/record/series.ts";
import type { EvaluationEvent, ProcessUsage } from "../../../src/training/events.ts";
import type { Line } from "../../common/chart.ts";

/** A run as charts see it. */
export interface RunData {
  readonly detail: RunDetail;
  readonly curves: RunCurves | undefined;
}

/** A line before it is known of which run, or in which color. */
export type Bare = Omit<Line, "tone">;

/** The curve of a quantity, under its short name, with the number that it is read as now. */
export function curve({ curves, detail }: RunData, key: QuantityKey): Bare[] {
  const { short, of, window } = QUANTITIES[key] as Quantity;
  const name = of && nameInRecord(of[1], namesIn(curves, of[0]));
  const found = name && curves?.curves[of[0] === "step" ? name : `${of[0]}.${name}`];
  if (!curves || !found) return [];
  const value = detail.status.quantities?.[key];
  const now = value === undefined ? undefined : { value, window: WINDOWS[window] };
  const { mean, min, max } = found;
  if (window === "inForce")
    return [{ label: short, steps: curves.steps, values: settings(found, value), stepped: true, now }];
  return [{ label: short, steps: curves.steps, values: mean, min, max, now }];
}

/** One line for each auxiliary loss in a network's loss, under its name in the configuration. */
export const auxiliaryLines = ({ curves }: RunData): Bare[] =>
  (["discriminator", "generator"] as const).flatMap((network) =>
    namesIn(curves, network).flatMap((name) => {
      const label = auxiliaryName(name);
      if (!curves || label === undefined) return [];
      const { mean, min, max } = curves.curves[`${network}.${name}`]!;
      return [
        {
          label: network === "generator" ? `${label} (generator)` : label,
          ...{ steps: curves.steps, values: mean, min, max },
        },
      ];
    }),
  );

/** Names of a network's curves. */
const namesIn = (curves: RunCurves | undefined, network: string): string[] =>
  Object.keys(curves?.curves ?? {}).flatMap((name) => {
    if (network === "step") return [name];
    return name.startsWith(`${network}.`) ? [name.slice(network.length + 1)] : [];
  });

/**
 * What a setting was at the end of each bucket. In one in which it was changed once, that is what
 * the next one has all over; a mean would be a value nobody set.
 */
function settings({ mean, min, max }: Curve, last: number | undefined): readonly (number | null)[] {
  if (!min || !max) return mean;
  return mean.map((value, i) => {
    if (min[i] === max[i]) return value;
    if (i === mean.length - 1) return last ?? value;
    return min[i + 1] === max[i + 1] ? mean[i + 1]! : value;
  });
}

/** A line through single points; none without points. */
export function points(label: string, all: Points): Bare[] {
  if (all.length === 0) return [];
  return [{ label, steps: all.map(([step]) => step), values: all.map(([, value]) => value), sparse: true }];
}

/** The line of a metric over the checkpoints that were measured alike; none without any. */
export function measured({ detail }: RunData, metric: "fid" | "kid"): Bare[] {
  const all = usualMeasurements(detail);
  const last = all.at(-1);
  if (!last) return [];
  const values = new Map(
    all.flatMap(({ step, metrics }) => (metrics[metric] ? [[step, metrics[metric].mean]] : [])),
  );
  return points(
    metricName(metric, last.features.name),
    [...values].sort(([a], [b]) => a - b),
  );
}

/**
 * Numbers of different protocols, features or counts are not comparable: those measured most often
 * in the same way, in their order.
 */
function usualMeasurements({ evaluations }: RunDetail): readonly EvaluationEvent[] {
  const alike = new Map<string, EvaluationEvent[]>();
  for (const one of evaluations) alike.set(wayOf(one), [...(alike.get(wayOf(one)) ?? []), one]);
  return [...alike.values()].sort((a, b) => b.length - a.length)[0] ?? [];
}

/** Everything the numbers of a measurement depend on besides the generator, in words. */
function wayOf(line: EvaluationEvent): string {
  const { features, reference, generated } = line;
  const name = isOfProtocol(line) ? `${line.protocol} protocol` : `settings of ${line.protocol}`;
  return `${name}: ${features.name}, ${formatCount(generated.count)} samples against ${formatCount(reference.count)} of ${reference.data} (${reference.split}), ${generated.quantisation}`;
}

/** How the measurements of a chart were made; undefined without any. */
export function protocolNote({ detail }: RunData): string | undefined {
  const last = usualMeasurements(detail).at(-1);
  return last && wayOf(last);
}

/** By its configuration: a run without steps yet has no curves either. */
export const withoutTask = ({ detail }: RunData): string | undefined =>
  detail.task?.answers
    ? undefined
    : `this run has no pretext task${detail.task ? " that asks a question" : ""}`;

/** One line a block; the best of the latest probe first. */
export function probeLines({ probes }: RunDetail): Bare[] {
  const last = probes.at(-1);
  if (!last) return [];
  const blocks = Object.keys(last.accuracies).sort(
    (a, b) => Number(b === last.best) - Number(a === last.best),
  );
  return blocks.flatMap((block) =>
    points(
      block,
      probes.flatMap(({ step, accuracies }) =>
        Object.hasOwn(accuracies, block) ? [[step, accuracies[block]!]] : [],
      ),
    ),
  );
}

/** How the latest probe was made; undefined without one. */
export function probeNote({ detail }: RunData): string | undefined {
  const last = detail.probes.at(-1);
  if (!last) return undefined;
  const { protocol, test, classes } = last;
  return `${protocol.name}: ${protocol.epochs} epochs, ${formatCount(test.count)} ${imagesOf(test.data)} (${test.split}), ${classes} classes; guessing gives ${percent(1 / classes)}`;
}

/** What the training took from the machine at each grid. */
export const usagePoints = (
  detail: RunDetail,
  key: "memory" | "processor",
  of: (usage: ProcessUsage) => number,
): readonly Bare[] =>
  points(
    QUANTITIES[key].short,
    measuredOf(detail).flatMap(({ step, process }) => (process ? [[step, of(process)] as const] : [])),
  );

/** All grids of which numbers are known, those without pictures here too. */
export const measuredOf = ({ measured, samples }: RunDetail): RunDetail["samples"] => measured ?? samples;
