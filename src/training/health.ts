/**
 * Is the training well? Plain-word warnings for the three ways in which a self-supervised GAN commonly goes wrong: the
 * generator collapses to a few images, the discriminator loses (or never finds) the rotation task, and the discriminator wins
 * so clearly that nothing is left to learn from. A pure fold over the events of a run: state in, state and warnings out, so
 * that the state can lie in a checkpoint and a continued run warns exactly where an undisturbed one would.
 *
 * Every warning has two thresholds (hysteresis): it is given once when the first is crossed, and can come again only after
 * the value has recovered past the second.
 */
import { type AlarmObservation, type AlarmState, alarmsOfSample, alarmsOfStep } from "./alarms.ts";
import { collapseWarning, hasRecovered, isCollapsed } from "./collapse.ts";
import type { SampleEvent, StepEvent, WarningEvent } from "./events.ts";

/** Spread of the samples relative to real images. A blurry but varied generator stays well above the lower threshold. */
const DIVERSITY = { warn: 0.25, recover: 0.4, warmUp: 500, samplesInARow: 2 } as const;
/** Diversity below which samples count as collapsed. */
export const COLLAPSED_BELOW: number = DIVERSITY.warn;
/** Accuracy on rotated real images; chance is 0.25. */
const ROTATION = { warn: 0.35, recover: 0.45, learned: 0.6, warmUp: 1000 } as const;
/** Mean sigmoid of D on real minus that on generated images, and the adversarial loss: hinge stops at a gap of about 0.46. */
const SATURATION = { wideGap: 0.95, gap: 0.45, loss: 0.05, recover: 0.1, warmUp: 1000 } as const;
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
  /** The best mean rotation accuracy so far. */
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

/** Take in a generator step. */
export function observeStep(state: HealthState, event: StepEvent): Observation {
  return both(observeSettled(state, event), (after) => alarmed(after, alarmsOfStep(after.alarms, event)));
}

/** What needs some steps to settle before it means anything. */
function observeSettled(state: HealthState, event: StepEvent): Observation {
  const { real, fake, lossReal, lossFake, rotationAccuracyReal, rotationLossReal } = event.discriminator;
  let means = state.means;
  if (real !== undefined && fake !== undefined) means = average(means, "gap", real - fake);
  if (lossReal !== undefined && lossFake !== undefined)
    means = average(means, "loss", Math.abs(lossReal + lossFake));
  if (rotationAccuracyReal !== undefined) means = average(means, "rotation", rotationAccuracyReal);
  if (rotationLossReal !== undefined) means = average(means, "rotationLoss", rotationLossReal);

  const rotation = means.rotation?.mean ?? 1;
  const settled = (means.rotation?.count ?? 0) >= WINDOW;
  const bestRotation = settled ? Math.max(state.bestRotation, rotation) : state.bestRotation;
  const next = { ...state, means, bestRotation };
  return both(
    episode(next, "rotation-not-learned", {
      begins: event.step >= ROTATION.warmUp && settled && rotation < ROTATION.warn,
      ends: rotation > ROTATION.recover,
      warning: () => rotationWarning(event.step, rotation, means.rotationLoss?.mean, bestRotation),
    }),
    (after) => saturation(after, event.step),
  );
}

function rotationWarning(
  step: number,
  accuracy: number,
  loss: number | undefined,
  best: number,
): WarningEvent {
  const had = best >= ROTATION.learned;
  const lossText =
    loss === undefined ? "" : ` (rotation loss ${loss.toFixed(2)}; guessing gives ln 4 = 1.39)`;
  return {
    kind: "warning",
    step,
    name: "rotation-not-learned",
    message:
      `The discriminator ${had ? "has forgotten how to tell" : "cannot tell"} by which quarter turn a real image was rotated: ` +
      `${percent(accuracy)} right, guessing gives 25%${lossText}.`,
    advice: had
      ? "Training has become unstable: continue from an earlier checkpoint (--fork --from STEP) with a lower optimizer.learningRate, or more training.discIters."
      : "If the images have no upright side (textures, views from above), self-supervision by rotation cannot help: set objective.selfSupervision=none. Otherwise check objective.beta and that the images are stored upright.",
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

const percent = (fraction: number): string => `${Math.round(fraction * 100)}%`;
