/**
 * Measuring while training: when it is due, what is the best so far, and what a run that was
 * stopped in the midst of it still has to do. The measuring itself is passed in.
 */

import type { EvaluationEvent, StepEvent, WarningEvent } from "../events.ts";
import { plateauOf, plateauWarning } from "../loop/health/plateau.ts";
import type { Best, BestBy } from "../run/checkpoint/best.ts";

export type { Best, BestBy } from "../run/checkpoint/best.ts";

/**
 * Measures the generator as the engine holds it after `step`. Rejects with the signal's reason when
 * that aborts.
 * @param samples how many; as the configuration says unless given
 */
export type Measure = (
  step: number,
  signal: AbortSignal | undefined,
  samples?: number,
) => Promise<EvaluationEvent>;

/** What the loop uses. */
export interface Evaluator {
  /**
   * Whether to measure after a step. Called after every step, in their order.
   * @param last whether the run ends with it
   */
  due(step: StepEvent, last: boolean, signal?: AbortSignal): boolean | Promise<boolean>;
  /** Whether the step the run goes on from should have been measured and was not. */
  readonly pending: boolean;
  /**
   * @param mayBeBest false while the discriminator overfits: a copy of a training image measures
   * well
   * @returns undefined when `signal` aborted it
   */
  evaluate(step: number, signal?: AbortSignal, mayBeBest?: boolean): Promise<Measured | undefined>;
  /** Undefined before the first, and when none is to be kept. */
  best(): Best | undefined;
}

/** A measurement, and what follows from it. */
export interface Measured {
  readonly event: EvaluationEvent;
  readonly isBest: boolean;
  readonly warnings: readonly WarningEvent[];
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
  /** Step from which the learning rate falls, where it does. */
  readonly decayStart?: number | undefined;
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
  const all = [...history];
  const plateau = () => (keepBest === "none" ? undefined : plateauOf(all, keepBest));
  let isTold = plateau() !== undefined;
  /** Once an episode. */
  const warningsAt = (step: number): WarningEvent[] => {
    const found = plateau();
    const isNew = found !== undefined && !isTold;
    isTold = found !== undefined;
    const { decayStart = 0 } = options;
    return isNew ? [plateauWarning(step, found, decayStart > step ? decayStart : undefined)] : [];
  };
  return {
    due: ({ step }, last) => last || step % every === 0,
    pending: fromStep > 0 && isMissing({ every, steps, fromStep }, history),
    async evaluate(step, signal, mayBeBest = true) {
      const event = await unlessAborted(signal, () => measure(step, signal));
      if (!event) return undefined;
      all.push(event);
      return { event, isBest: mayBeBest && consider(event), warnings: warningsAt(step) };
    },
    best: () => best,
  };
}

/**
 * When something is measured: every so many generator steps and at the last; and the step the run
 * goes on from.
 */
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

/**
 * Wait for work that may be aborted.
 * @returns undefined when `signal` aborted the work; other failures are passed on
 */
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
