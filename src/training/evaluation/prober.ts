/**
 * Probing the discriminator while training: when it is due, and what a run that was stopped in the
 * midst of it still has to do. The probe itself is passed in; unlike an evaluation it is made at
 * step 0 too, as what the architecture alone gives is what the rest is seen against.
 */

import type { ProbeEvent } from "../events.ts";
import { isMissing, type MeasuringPlan, unlessAborted } from "./evaluator.ts";

/**
 * Probes the discriminator as the engine holds it after `step`, and leaves it as it is. Rejects
 * with the signal's reason when that aborts.
 */
export type Probe = (step: number, signal: AbortSignal | undefined) => Promise<ProbeEvent>;

/** What the loop uses. */
export interface Prober {
  /** Generator steps between two probes. */
  readonly every: number;
  /** Whether the step the run begins at or goes on from should have been probed and was not. */
  readonly pending: boolean;
  /** @returns undefined when `signal` aborted it */
  probe(step: number, signal?: AbortSignal): Promise<ProbeEvent | undefined>;
}

/**
 * A prober that goes on where the record ends.
 * @param history the probes in the record up to the step the run goes on from
 */
export function createProber(probe: Probe, plan: MeasuringPlan, history: readonly ProbeEvent[]): Prober {
  return {
    every: plan.every,
    pending: isMissing(plan, history),
    probe: (step, signal) => unlessAborted(signal, () => probe(step, signal)),
  };
}
