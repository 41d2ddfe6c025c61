/**
 * Measuring while training: when it is due, what is the best so far, and what a run that was stopped in the midst of it still has to do. The
 * measuring itself is passed in.
 */
import type { EvaluationEvent } from "./events.ts";

/** By what a run judges which checkpoint is its best; the lower the better. */
export type BestBy = "none" | "fid" | "kid";

/** Measures the generator as the engine holds it after `step`. Rejects with the signal's reason when that aborts. */
export type Measure = (step: number, signal: AbortSignal | undefined) => Promise<EvaluationEvent>;

/** The best measurement so far whose checkpoint is kept. */
export interface Best {
  readonly step: number;
  readonly metric: Exclude<BestBy, "none">;
  readonly value: number;
}

/** What the loop uses. */
export interface Evaluator {
  /** Generator steps between two measurements. */
  readonly every: number;
  /** Whether the step the run goes on from should have been measured and was not. */
  readonly pending: boolean;
  /**
   * @param mayBeBest false while the discriminator overfits: a copy of a training image measures well
   * @returns undefined when `signal` aborted it
   */
  evaluate(
    step: number,
    signal?: AbortSignal,
    mayBeBest?: boolean,
  ): Promise<{ readonly event: EvaluationEvent; readonly isBest: boolean } | undefined>;
  /** Undefined before the first, and when none is to be kept. */
  best(): Best | undefined;
}

/** What a run knows of its measurements so far. */
export interface EvaluatorOptions {
  readonly every: number;
  readonly keepBest: BestBy;
  /** Generator steps at the end of the run, and those done. */
  readonly steps: number;
  readonly fromStep: number;
  /** The measurements in the record up to `fromStep`. */
  readonly history: readonly EvaluationEvent[];
  /** Steps of the checkpoints that are there. */
  readonly kept: readonly number[];
  /** Whether a step of the history lies where the discriminator overfitted. */
  readonly overfitted?: ((step: number) => boolean) | undefined;
}

/** An evaluator that goes on where the record ends. */
export function createEvaluator(measure: Measure, options: EvaluatorOptions): Evaluator {
  const { every, keepBest, steps, fromStep, history, kept, overfitted = () => false } = options;
  let best: Best | undefined;
  const consider = (event: EvaluationEvent): boolean => {
    if (keepBest === "none") return false;
    const value = event.metrics[keepBest]?.mean;
    if (value === undefined || (best && value >= best.value)) return false;
    best = { step: event.step, metric: keepBest, value };
    return true;
  };
  // What was measured of a checkpoint that is gone, or lies in the run this one was forked from, is no best to be kept.
  for (const event of history) if (kept.includes(event.step) && !overfitted(event.step)) consider(event);
  return {
    every,
    pending: fromStep > 0 && isMissing({ every, steps, fromStep }, history),
    async evaluate(step, signal, mayBeBest = true) {
      const event = await unlessAborted(signal, () => measure(step, signal));
      return event && { event, isBest: mayBeBest && consider(event) };
    },
    best: () => best,
  };
}

/** When something is measured: every so many generator steps and at the last; and the step the run goes on from. */
export interface MeasuringPlan {
  readonly every: number;
  readonly steps: number;
  readonly fromStep: number;
}

/** Whether what was due at the step the run goes on from is not in the record. */
export function isMissing(
  { every, steps, fromStep }: MeasuringPlan,
  history: readonly { readonly step: number }[],
): boolean {
  const due = fromStep % every === 0 || fromStep === steps;
  return due && !history.some((event) => event.step === fromStep);
}

/** @returns undefined when `signal` aborted the work; other failures are passed on */
export async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return undefined;
    throw error;
  }
}
