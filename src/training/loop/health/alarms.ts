/**
 * What is wrong from the start needs no time to settle: a loss that has exploded, samples that are
 * all the same image, a discriminator that says the same of every image. A part of health.ts, which
 * keeps the state and gives each warning once an episode.
 */
import { formatValue } from "../../../base/text/format/index.ts";
import type { SampleEvent, StepEvent, WarningEvent } from "../../events.ts";
import { type OverfittingState, overfits, overfittingAfter, overfittingWarning } from "./overfitting.ts";

/**
 * How often a loss is what it was in the beginning. Losses begin near 1, so what it was is taken to
 * be from 0.1 to 100.
 */
const EXPLOSION = { warn: 1e4, recover: 1e2, early: 20, min: 0.1, max: 100 } as const;
/** Spread of the samples relative to real images: two grids in a row. */
const VARIETY = { warn: 0.05, recover: 0.1, samplesInARow: 2 } as const;
/**
 * Mean probability of being real that is given to real images less that given to generated ones: so
 * many steps in a row.
 */
const ANSWER = { same: 0.005, recover: 0.02, stepsInARow: 200 } as const;
/**
 * What the adversarial loss is when the answer is the same for all images: hinge, and the logistic
 * losses; to a hundredth of it.
 */
const UNDECIDED_LOSSES = [2, 2 * Math.LN2];
const LOSS_TOLERANCE = 0.01;

/** What the alarms remember. JSON. */
export interface AlarmState {
  /** Sizes of the first losses of each network. */
  readonly early: Readonly<Record<string, readonly number[]>>;
  readonly sameAnswers: number;
  readonly alike: number;
  /** Absent while nothing speaks for it. */
  readonly overfitting?: OverfittingState;
}

/** Before the first event. */
const QUIET: AlarmState = { early: {}, sameAnswers: 0, alike: 0 };

/** A warning that may begin or end with an event. */
export interface AlarmChange {
  readonly name: string;
  readonly begins: boolean;
  readonly ends: boolean;
  readonly warning: () => WarningEvent;
}

/** The state after an event, and what it changes. */
export interface AlarmObservation {
  readonly state: AlarmState;
  readonly changes: readonly AlarmChange[];
}

/** Take in a generator step. */
export function alarmsOfStep(state: AlarmState = QUIET, event: StepEvent): AlarmObservation {
  const losses = { discriminator: event.discriminator.loss, generator: event.generator.loss };
  let early = state.early;
  const changes: AlarmChange[] = [];
  for (const [network, loss] of Object.entries(losses)) {
    if (loss === undefined) continue;
    const sizes = early[network] ?? [];
    const usual = Math.min(EXPLOSION.max, Math.max(EXPLOSION.min, median(sizes) ?? EXPLOSION.max));
    changes.push(explosion(event.step, network, loss, usual));
    if (sizes.length < EXPLOSION.early) early = { ...early, [network]: [...sizes, Math.abs(loss)] };
  }
  const { real, fake, lossReal = Number.NaN, lossFake = Number.NaN } = event.discriminator;
  if (real === undefined || fake === undefined) return { state: { ...state, early }, changes };
  const loss = lossReal + lossFake;
  const same =
    Math.abs(real - fake) < ANSWER.same &&
    UNDECIDED_LOSSES.some((constant) => Math.abs(loss - constant) <= LOSS_TOLERANCE * constant);
  const sameAnswers = same ? Math.min(state.sameAnswers + 1, ANSWER.stepsInARow) : 0;
  return {
    state: { ...state, early, sameAnswers },
    changes: [...changes, sameAnswer(event.step, sameAnswers, Math.abs(real - fake))],
  };
}

/**
 * Take in a grid of samples. An untrained generator makes images that are much alike: the grid of
 * step 0 does not count.
 */
export function alarmsOfSample(state: AlarmState = QUIET, event: SampleEvent): AlarmObservation {
  const alike = event.step > 0 && event.diversity < VARIETY.warn ? state.alike + 1 : 0;
  const change: AlarmChange = {
    name: "samples-alike",
    begins: alike >= VARIETY.samplesInARow,
    ends: event.diversity > VARIETY.recover,
    warning: () => ({
      ...{ kind: "warning", step: event.step, name: "samples-alike" },
      message: `All samples are nearly the same image: they differ from one another ${formatValue(100 * event.diversity, 1)}% as much as real images do.`,
      advice:
        "Look at the losses: training has gone wrong from the start. Lower optimizer.learningRate, and keep discriminator.spectralNorm on or set an objective.penalty.",
    }),
  };
  const { overfitting: before, ...rest } = state;
  const overfitting = overfittingAfter(before, event);
  const overfitted: AlarmChange = {
    name: "discriminator-overfits",
    begins: overfits(overfitting),
    ends: overfitting === undefined,
    warning: () => overfittingWarning(event, overfitting?.since ?? event.step),
  };
  return {
    state: { ...rest, alike, ...(overfitting && { overfitting }) },
    changes: [change, overfitted],
  };
}

function explosion(step: number, network: string, loss: number, usual: number): AlarmChange {
  const name = `${network}-loss-exploded`;
  return {
    name,
    begins: Math.abs(loss) > EXPLOSION.warn * usual,
    ends: Math.abs(loss) < EXPLOSION.recover * usual,
    warning: () => ({
      ...{ kind: "warning", step, name },
      message: `The ${network}'s loss has exploded: it is ${formatValue(loss)}, more than 10,000 times what is usual in the beginning.`,
      advice:
        "The images will not become better from here. Lower optimizer.learningRate, and keep discriminator.spectralNorm on or set an objective.penalty.",
    }),
  };
}

function sameAnswer(step: number, times: number, gap: number): AlarmChange {
  return {
    name: "discriminator-undecided",
    begins: times >= ANSWER.stepsInARow,
    ends: gap > ANSWER.recover,
    warning: () => ({
      ...{ kind: "warning", step, name: "discriminator-undecided" },
      message: `The discriminator has said the same of real and of generated images for ${ANSWER.stepsInARow} steps (a hinge loss stays at 2.00 then): the generator learns nothing from it.`,
      advice:
        "Either its optimizer.learningRate is far too low, or it is so high that the network has died. Try another, with the default of the preset to begin with.",
    }),
  };
}

/** The middle one of some numbers; undefined of none. */
function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
