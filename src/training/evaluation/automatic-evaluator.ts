/**
 * Measuring as often as costs little (measuring-pace.ts). When that is depends on the clock, so the
 * measurements of two runs of one configuration are not at the same steps; they read weights and
 * write none, so the weights, the samples and the rest of the record are the same.
 */
import { UserError } from "../../base/errors.ts";
import { affordableSamples, openPace } from "../loop/measuring-pace.ts";
import {
  createEvaluator,
  type Evaluator,
  type EvaluatorOptions,
  type Measure,
  unlessAborted,
} from "./evaluator.ts";

/**
 * Makes what measuring needs, does it to a few images, and says how many seconds a measurement with
 * so many samples takes.
 */
export type Trial = (signal: AbortSignal | undefined) => Promise<(samples: number) => number>;

/** What it works with besides. */
export interface AutomaticOptions extends Omit<EvaluatorOptions, "every"> {
  readonly trial: Trial;
  /** Samples of a measurement at the most. */
  readonly samples: number;
  /** Seconds that all updates of the run have taken before. */
  readonly updateSeconds: number;
  /** Told why nothing is measured any more. Training goes on: nobody has asked for measurements. */
  readonly onTrouble: (error: UserError) => void | Promise<void>;
  /** Milliseconds; replaceable for tests. */
  readonly now?: (() => number) | undefined;
}

/** An evaluator that finds out when to measure. */
export function automaticEvaluator(measure: Measure, options: AutomaticOptions): Evaluator {
  const { trial, steps, fromStep, history, onTrouble, now = () => performance.now() } = options;
  const last = history.at(-1);
  const pace = openPace({
    steps,
    done: fromStep,
    updates: options.updateSeconds,
    measuring: history.reduce((sum, { seconds = 0 }) => sum + seconds, 0),
    last: last?.seconds === undefined ? undefined : { step: last.step, seconds: last.seconds },
  });
  let samples = last && Math.min(options.samples, last.generated.count);
  let isOff = false;

  const timed = async <T>(work: () => Promise<T>, spend: (seconds: number) => void): Promise<T> => {
    const started = now();
    const result = await work();
    spend((now() - started) / 1000);
    return result;
  };
  /** @returns undefined when it was aborted, or cannot be done at all */
  const attempt = async <T>(
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await unlessAborted(signal, work);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      isOff = true;
      await onTrouble(error);
      return undefined;
    }
  };
  const inner = createEvaluator(
    async (step, signal) => {
      let seconds = 0;
      const event = await timed(
        () => measure(step, signal, samples),
        (taken) => {
          seconds = taken;
          pace.measured(step, taken);
        },
      );
      return { ...event, seconds };
    },
    { ...options, every: Number.POSITIVE_INFINITY },
  );
  const tryOut = async (step: number, signal: AbortSignal | undefined): Promise<boolean> => {
    const cost = await attempt(signal, () => timed(() => trial(signal), pace.spend));
    if (!cost) return false;
    samples ??= affordableSamples(options.samples, cost, pace.budget(step));
    pace.expect(cost(samples));
    return pace.next(step) === "measure";
  };
  return {
    pending: false,
    due({ step, stepSeconds }, _last, signal) {
      pace.earn(stepSeconds);
      if (isOff) return false;
      const next = pace.next(step);
      return next === "try" ? tryOut(step, signal) : next === "measure";
    },
    evaluate: (step, signal, mayBeBest) => attempt(undefined, () => inner.evaluate(step, signal, mayBeBest)),
    best: inner.best,
  };
}
