/**
 * When to measure, so that it costs little. Training earns credit: a share of the seconds its
 * updates take. A measurement is made when the credit pays for it, and what it takes is known from
 * a trial on a few images, then from the last one. Nothing is guessed of the machine, and a run
 * that is stopped at any moment has not spent more than its share.
 */

/** Share of the time of the updates that measuring may take. */
const SHARE = 0.03;
/** Credit, in seconds, with which the trial is made: after half a minute of updates. */
const FOR_TRIAL = 1;
/** More measurements than this say nothing more. */
const MAX = 40;
/** As many shall be made; with fewer samples each, where they are too dear. */
const WANTED = 8;
/** Fewer samples make a number that is mostly noise. */
const FEWEST_SAMPLES = 512;

/** What a run has spent so far. */
export interface PaceStart {
  /** Steps of the whole run, and those done. */
  readonly steps: number;
  readonly done: number;
  /** Seconds of all updates, and of all measurements. */
  readonly updates: number;
  readonly measuring: number;
  /** Step of the last measurement, and the seconds it took. */
  readonly last?: { readonly step: number; readonly seconds: number } | undefined;
}

/** Keeps the account. */
export interface Pace {
  /** A step has been done, whose updates took so long. */
  earn(seconds: number): void;
  /** What to do after `step` steps. */
  next(step: number): "wait" | "try" | "measure";
  /** So long was spent. */
  spend(seconds: number): void;
  /** A measurement is expected to take so long. */
  expect(seconds: number): void;
  /** A measurement was made, and took so long. */
  measured(step: number, seconds: number): void;
  /** Seconds that may be spent on the whole run, by its pace so far. */
  budget(step: number): number;
}

/** Open the account of a run, or go on with it. */
export function openPace({ steps, done, updates, measuring, last }: PaceStart): Pace {
  let earned = SHARE * updates;
  let spent = measuring;
  let cost = last?.seconds;
  let lastStep = last?.step ?? done;
  const perStep = (step: number): number => earned / Math.max(1, step);
  return {
    earn(seconds) {
      earned += SHARE * seconds;
    },
    next(step) {
      const credit = earned - spent;
      if (cost === undefined) return credit >= FOR_TRIAL ? "try" : "wait";
      if (credit < cost) return "wait";
      if (step >= steps) return "measure";
      if (step - lastStep < steps / MAX) return "wait";
      // The last step is the one that counts: nothing before it may use up what it needs.
      return credit - cost + perStep(step) * (steps - step) >= cost ? "measure" : "wait";
    },
    spend(seconds) {
      spent += seconds;
    },
    expect(seconds) {
      cost = seconds;
    },
    measured(step, seconds) {
      spent += seconds;
      cost = seconds;
      lastStep = step;
    },
    budget: (step) => perStep(step) * steps,
  };
}

/**
 * Samples of each measurement: as many as are wanted, or half, or a quarter as many where not
 * enough measurements could be paid for.
 * @param most as many as are wanted @param cost seconds of a measurement with so many @param budget
 * seconds for all measurements
 */
export function affordableSamples(max: number, cost: (samples: number) => number, budget: number): number {
  let samples = max;
  while (samples / 2 >= FEWEST_SAMPLES && budget / cost(samples) < WANTED) samples = Math.floor(samples / 2);
  return samples;
}
