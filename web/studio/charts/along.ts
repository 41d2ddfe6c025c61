/**
 * Steps of a run as places on the axis that charts have: the steps themselves, images shown, or
 * seconds that updates took.
 */
import type { AxisKind, Extent } from "../../common/axis.ts";
import type { Line } from "../../common/chart.ts";
import type { RunData } from "./chart-lines.ts";

/** From steps to places and back. Both are monotonous, and 0 is 0. */
export interface Along {
  place(step: number): number;
  step(place: number): number;
}

const STEPS: Along = { place: (step) => step, step: (place) => Math.round(place) };

/**
 * The axis of a run. Times are those of the updates alone: sampling, measuring and pauses say
 * nothing about how fast a run learns.
 */
export function alongOf(kind: AxisKind, run: RunData): Along {
  if (kind === "images") {
    const each = imagesPerStep(run);
    return { place: (step) => step * each, step: (place) => Math.round(place / each) };
  }
  if (kind === "step") return STEPS;
  const { steps, seconds } = timesOf(run);
  return {
    place: (step) => between(steps, seconds, step),
    step: (place) => Math.round(between(seconds, steps, place)),
  };
}

/** Real images that the discriminator is shown in a step. */
function imagesPerStep({ detail: { config } }: RunData): number {
  const product = Number(config["training.batchSize"]) * Number(config["training.discIters"] ?? 1);
  return Number.isFinite(product) && product > 0 ? product : 1;
}

/**
 * Seconds that the updates up to each step took; of steps without a time as many as of those
 * before.
 */
function timesOf({ curves }: RunData): {
  readonly steps: readonly number[];
  readonly seconds: readonly number[];
} {
  const [steps, seconds] = [[0], [0]];
  const each = curves?.curves.stepSeconds?.mean;
  let usual = 0;
  for (const [i, step] of (curves?.steps ?? []).entries()) {
    usual = each?.[i] ?? usual;
    seconds.push(seconds.at(-1)! + usual * (step - steps.at(-1)!));
    steps.push(step);
  }
  return { steps, seconds };
}

/** Along straight lines between known points, and on beyond the last one. */
function between(from: readonly number[], to: readonly number[], at: number): number {
  if (from.length < 2) return 0;
  let [low, high] = [0, from.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (from[middle]! <= at) low = middle;
    else high = middle;
  }
  const span = from[high]! - from[low]!;
  return span > 0 ? to[low]! + ((at - from[low]!) / span) * (to[high]! - to[low]!) : to[high]!;
}

/** Lines of a run where they stand on an axis. */
export const placed = <T extends Pick<Line, "steps">>(lines: readonly T[], along: Along): T[] =>
  lines.map((line) => ({ ...line, steps: line.steps.map((step) => along.place(step)) }));

/** All of an axis on which several runs lie: to the end of the longest. */
export const wholeExtent = (ends: readonly number[]): Extent => [0, Math.max(1e-9, ...ends)];
