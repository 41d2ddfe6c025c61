/**
 * What is written down during an online study, and the numbers for forgetting that follow from it.
 */

import { z } from "zod";
import { mean } from "../../base/math/statistics.ts";

/** One measurement on test images. */
export interface AccuracyLine {
  readonly kind: "accuracy";
  /** Training iterations done. */
  readonly step: number;
  /** Class that the classifier was asked about. */
  readonly task: number;
  /** 0 for the first time through all tasks. */
  readonly cycle: number;
  /**
   * `current`: the task under training. `switch`: the task that begins now, before the first
   * iteration on it. `recovery`: the task under training, a few iterations after a switch; beside
   * the even measurements of `current`, so that their means stay what they are.
   */
  readonly moment: "current" | "switch" | "recovery";
  /** Share of test images told right, half of them of the class; chance is 0.5. */
  readonly accuracy: number;
  /** Share of quarter turns told right in the last training batch; only with self-supervision. */
  readonly rotationAccuracy?: number;
  /** Share of the last training batch told right. */
  readonly batchAccuracy?: number;
  /**
   * Only at a switch: the same share for a linear classifier that was fitted to the new task on the
   * features as they are. It says what the features know, whatever the head was asked before.
   */
  readonly readOut?: number;
}

/** What a line of `accuracy.jsonl` must say. */
export const accuracyLineSchema = z.looseObject({
  kind: z.literal("accuracy"),
  step: z.int().min(0),
  task: z.int().min(0),
  cycle: z.int().min(0),
  moment: z.enum(["current", "switch", "recovery"]),
  accuracy: z.number(),
  rotationAccuracy: z.number().optional(),
  batchAccuracy: z.number().optional(),
  readOut: z.number().optional(),
}) as unknown as z.ZodType<AccuracyLine>;

/** A study in numbers. */
export interface OnlineSummary {
  /**
   * Mean over all switches: accuracy on the old task at its end minus accuracy on the new one
   * before its first iteration.
   */
  readonly meanDrop: number;
  /**
   * Mean accuracy during the first and the last cycle (measurements of the task under training).
   */
  readonly firstCycle: number;
  readonly lastCycle: number;
  /** `lastCycle − firstCycle`: what was carried over; 0 when everything was forgotten. */
  readonly carriedOver: number;
  /** Mean accuracy at the end of a task. */
  readonly finalAccuracy: number;
  /** Mean accuracy at the first even measurement after a switch. */
  readonly earlyAccuracy: number;
  /**
   * How fast it recovers: mean accuracy so many iterations after a switch, over all of them and
   * over those of the last cycle.
   */
  readonly recovery: readonly Recovery[];
  /** Mean accuracy of the linear read-out over all switches; missing where none was made. */
  readonly readOut?: number;
}

/** Accuracy shortly after switches. */
export interface Recovery {
  readonly iterations: number;
  readonly accuracy: number;
  readonly lastCycle: number;
}

/** Summarize the lines of a finished or unfinished study; numbers without a measurement are NaN. */
export function summarize(lines: readonly AccuracyLine[]): OnlineSummary {
  const current = lines.filter(({ moment }) => moment === "current");
  const switches = lines.filter(({ moment, step }) => moment === "switch" && step > 0);
  const cycles = current.map(({ cycle }) => cycle);
  const of = (cycle: number): number =>
    mean(current.filter((line) => line.cycle === cycle).map(({ accuracy }) => accuracy));
  const ends = new Map(current.map((line) => [line.step, line]));
  const drops = switches.flatMap((line) => {
    const end = ends.get(line.step);
    return end ? [end.accuracy - line.accuracy] : [];
  });
  const firsts = switches.flatMap((line) => {
    const next = current.find(({ step }) => step > line.step);
    return next ? [next.accuracy] : [];
  });
  const firstCycle = of(0);
  const lastCycle = cycles.length > 0 ? of(Math.max(...cycles)) : Number.NaN;
  const readOuts = switches.flatMap(({ readOut }) => (readOut === undefined ? [] : [readOut]));
  return {
    meanDrop: mean(drops),
    firstCycle,
    lastCycle,
    carriedOver: lastCycle - firstCycle,
    finalAccuracy: mean(switches.flatMap(({ step }) => ends.get(step)?.accuracy ?? [])),
    earlyAccuracy: mean(firsts),
    recovery: recoveries(lines, switches),
    ...(readOuts.length > 0 && { readOut: mean(readOuts) }),
  };
}

/**
 * Mean accuracy of each distance from a switch that was measured. The first task begins without
 * one.
 */
function recoveries(lines: readonly AccuracyLine[], switches: readonly AccuracyLine[]): Recovery[] {
  const begun = switches.map(({ step }) => step);
  const after = lines.flatMap(({ moment, step, accuracy, cycle }) => {
    const since = begun.findLast((at) => at < step);
    return moment === "recovery" && since !== undefined
      ? [{ iterations: step - since, accuracy, cycle }]
      : [];
  });
  const last = Math.max(...after.map(({ cycle }) => cycle));
  const distances = [...new Set(after.map(({ iterations }) => iterations))].sort((a, b) => a - b);
  return distances.map((iterations) => {
    const here = after.filter((line) => line.iterations === iterations);
    const late = here.filter(({ cycle }) => cycle === last);
    return {
      iterations,
      accuracy: mean(here.map(({ accuracy }) => accuracy)),
      lastCycle: mean(late.map(({ accuracy }) => accuracy)),
    };
  });
}
