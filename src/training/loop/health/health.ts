/**
 * Is the training well? Plain-word warnings for the three ways in which a self-supervised GAN
 * commonly goes wrong: the generator collapses to a few images, the discriminator loses (or never
 * finds) the pretext task, and the discriminator wins so clearly that nothing is left to learn
 * from. A pure fold over the events of a run: state in, state and warnings out, so that the state
 * can lie in a checkpoint and a continued run warns exactly where an undisturbed one would.
 *
 * Every warning has two thresholds (hysteresis): it is given once when the first is crossed, and
 * can come again only after the value has recovered past the second.
 */
import { percent } from "../../../base/text/format/index.ts";

import {
  guessingLoss,
  type PretextDescription,
  resultName,
} from "../../../objectives/pretext/description.ts";
import type { SampleEvent, StepEvent, WarningEvent } from "../../events.ts";
import { type AlarmObservation, type AlarmState, alarmsOfSample, alarmsOfStep } from "./alarms.ts";
import { collapseWarning, hasRecovered, isCollapsed } from "./collapse.ts";

/**
 * Spread of the samples relative to real images. A blurry but varied generator stays well above the
 * lower threshold.
 */
const DIVERSITY = { warn: 0.25, recover: 0.4, warmUp: 500, samplesInARow: 2 } as const;
/** Diversity below which samples count as collapsed. */
export const COLLAPSED_BELOW: number = DIVERSITY.warn;
/** Generator steps before which nothing is said of the pretext task. */
const TASK_WARM_UP = 1000;
/**
 * Mean sigmoid of D on real minus that on generated images, and the adversarial loss: hinge stops
 * at a gap of about 0.46.
 */
const SATURATION = { wideGap: 0.95, gap: 0.45, loss: 0.05, recover: 0.1, warmUp: 1000 } as const;
/**
 * Share of real images told right above which a task has nothing more to teach, and below which it
 * has again.
 */
const TRIVIAL = { warn: 0.97, recover: 0.9 } as const;
/** Steps over which step values are averaged. */
const WINDOW = 200;

/** What the fold remembers. JSON. */
export interface HealthState {
  /** Exponential means over about `WINDOW` steps, and how many values went in. */
  readonly means: Readonly<Record<string, { readonly mean: number; readonly count: number }>>;
  /** Names of the warnings whose episode is going on. */
  readonly active: readonly string[];
  /** Grids in a row that were too much alike. */
  readonly lowDiversity: number;
  /** The best mean accuracy of the pretext task so far. */
  readonly bestRotation: number;
  /** Of alarms.ts; missing in checkpoints of earlier versions. */
  readonly alarms?: AlarmState;
}

/** Before the first event. */
export const UNOBSERVED: HealthState = { means: {}, active: [], lowDiversity: 0, bestRotation: 0 };

/** Step of the first grid that shows the overfitting which is going on; undefined where none is. */
export const overfittingOf = ({ alarms }: HealthState): number | undefined => alarms?.overfitting?.since;

/** A new state and the warnings that begin with this event. */
export interface Observation {
  readonly state: HealthState;
  readonly warnings: readonly WarningEvent[];
}

/** Take in a generator step. @param task of the run; undefined for a plain GAN */
export function observeStep(state: HealthState, event: StepEvent, task?: PretextDescription): Observation {
  return both(observeSettled(state, event, task), (after) =>
    alarmed(after, alarmsOfStep(after.alarms, event)),
  );
}

/** What needs some steps to settle before it means anything. */
function observeSettled(
  state: HealthState,
  { step, discriminator }: StepEvent,
  task: PretextDescription | undefined,
): Observation {
  const { real, fake, lossReal, lossFake } = discriminator;
  let means = state.means;
  if (real !== undefined && fake !== undefined) means = average(means, "gap", real - fake);
  if (lossReal !== undefined && lossFake !== undefined)
    means = average(means, "loss", Math.abs(lossReal + lossFake));
  const settled = { ...state, means };
  return both(
    task ? observeTask(settled, step, discriminator, task) : { state: settled, warnings: [] },
    (after) => saturation(after, step),
  );
}

/** Does the discriminator learn its pretext task? */
function observeTask(
  state: HealthState,
  step: number,
  discriminator: StepEvent["discriminator"],
  task: PretextDescription,
): Observation {
  const { key } = task;
  const [told, loss] = [
    discriminator[resultName(key, "accuracyReal")],
    discriminator[resultName(key, "lossReal")],
  ];
  let means = state.means;
  if (told !== undefined) means = average(means, key, told);
  if (loss !== undefined) means = average(means, `${key}Loss`, loss);
  const accuracy = means[key]?.mean ?? 1;
  const settled = (means[key]?.count ?? 0) >= WINDOW;
  const bestRotation = settled ? Math.max(state.bestRotation, accuracy) : state.bestRotation;
  const learned = episode({ ...state, means, bestRotation }, `${key}-not-learned`, {
    begins: step >= TASK_WARM_UP && settled && accuracy < task.accuracy.warn,
    ends: accuracy > task.accuracy.recover,
    warning: () => taskWarning(task, step, accuracy, means[`${key}Loss`]?.mean, bestRotation),
  });
  return both(learned, (after) =>
    episode(after, `${key}-trivial`, {
      begins: step >= TASK_WARM_UP && settled && accuracy > TRIVIAL.warn,
      ends: accuracy < TRIVIAL.recover,
      warning: () => trivialWarning(task, step, accuracy),
    }),
  );
}

/**
 * Small things that all stand low in their pictures, say, are told upright by their place alone.
 */
const trivialWarning = (task: PretextDescription, step: number, accuracy: number): WarningEvent => ({
  kind: "warning",
  step,
  name: `${task.key}-trivial`,
  message: `The discriminator tells ${task.question.replace("an image", "a real image")} nearly without error (${percent(accuracy)} right): it has nothing more to learn from that.`,
  advice: `The run is well. ${
    task.harder
      ? `Another task may teach it more: objective.selfSupervision=${task.harder}.`
      : "Without the task a step is faster: objective.selfSupervision=none."
  }`,
});

function taskWarning(
  task: PretextDescription,
  step: number,
  accuracy: number,
  loss: number | undefined,
  best: number,
): WarningEvent {
  const had = best >= task.accuracy.learned;
  const lossText =
    loss === undefined
      ? ""
      : ` (${task.key} loss ${loss.toFixed(2)}; guessing gives ln ${Math.round(1 / task.accuracy.chance)} = ${guessingLoss(task).toFixed(2)})`;
  return {
    kind: "warning",
    step,
    name: `${task.key}-not-learned`,
    message:
      `The discriminator ${had ? "has forgotten how to tell" : "cannot tell"} ${task.question.replace("an image", "a real image")}: ` +
      `${percent(accuracy)} right, guessing gives ${percent(task.accuracy.chance)}${lossText}.`,
    advice: had
      ? "Training has become unstable: continue from an earlier checkpoint (--fork --from STEP) with a lower optimizer.learningRate, or more training.discIters."
      : task.unlearnable,
  };
}

/** Has the discriminator won? */
function saturation(state: HealthState, step: number): Observation {
  const gap = state.means.gap;
  const loss = state.means.loss?.mean ?? Number.POSITIVE_INFINITY;
  if (gap === undefined) return { state, warnings: [] };
  const won = gap.mean > SATURATION.wideGap || (gap.mean > SATURATION.gap && loss < SATURATION.loss);
  const lost = gap.mean <= SATURATION.wideGap && (gap.mean <= SATURATION.gap || loss > SATURATION.recover);
  return episode(state, "discriminator-saturated", {
    begins: step >= SATURATION.warmUp && gap.count >= WINDOW && won,
    ends: lost,
    warning: () => ({
      kind: "warning",
      step,
      name: "discriminator-saturated",
      message: `The discriminator has told real from generated images almost without error for ${WINDOW} steps: the generator gets no useful gradient any more.`,
      advice:
        "Keep discriminator.spectralNorm on, lower training.discIters or discriminator.width, or give it more images: it may have learned these by heart.",
    }),
  });
}

/** Take in a grid of samples. */
export function observeSample(state: HealthState, event: SampleEvent): Observation {
  return both(observeVariety(state, event), (after) => alarmed(after, alarmsOfSample(after.alarms, event)));
}

function observeVariety(state: HealthState, event: SampleEvent): Observation {
  const alike = event.step >= DIVERSITY.warmUp && event.diversity < DIVERSITY.warn;
  const lowDiversity = alike || isCollapsed(event) ? state.lowDiversity + 1 : 0;
  return episode({ ...state, lowDiversity }, "collapsed-generator", {
    begins: lowDiversity >= DIVERSITY.samplesInARow,
    ends: event.diversity > DIVERSITY.recover && hasRecovered(event),
    warning: () => collapseWarning(event),
  });
}

/** Begin and end the episodes of alarms. */
function alarmed(state: HealthState, { state: alarms, changes }: AlarmObservation): Observation {
  let seen: Observation = { state: { ...state, alarms }, warnings: [] };
  for (const { name, ...change } of changes) seen = both(seen, (after) => episode(after, name, change));
  return seen;
}

/** Begin or end the episode of one warning. */
function episode(
  state: HealthState,
  name: string,
  change: { begins: boolean; ends: boolean; warning: () => WarningEvent },
): Observation {
  const active = state.active.includes(name);
  if (!active && change.begins)
    return { state: { ...state, active: [...state.active, name] }, warnings: [change.warning()] };
  if (active && change.ends)
    return { state: { ...state, active: state.active.filter((other) => other !== name) }, warnings: [] };
  return { state, warnings: [] };
}

/** Apply a second observation after a first. */
function both(first: Observation, second: (state: HealthState) => Observation): Observation {
  const { state, warnings } = second(first.state);
  return { state, warnings: [...first.warnings, ...warnings] };
}

/** The plain mean of the first `WINDOW` values, an exponential one from there on. */
function average(means: HealthState["means"], name: string, value: number): HealthState["means"] {
  const { mean, count } = means[name] ?? { mean: 0, count: 0 };
  const taken = Math.min(count + 1, WINDOW);
  return { ...means, [name]: { mean: mean + (value - mean) / taken, count: taken } };
}
