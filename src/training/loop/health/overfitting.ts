/**
 * Does the discriminator learn its training images by heart? Seen by images that it is never shown:
 * it scores them as it scores training images while it judges what all of them have in common, and
 * as it scores generated ones when it knows single images.
 *
 * Both statistics are those of Karras et al. 2020 (arXiv 2006.06676, section 3, equation 1), with D
 * the score before any sigmoid:
 *
 *     r_v = (E[D_train] − E[D_held-out]) / (E[D_train] − E[D_generated])        r_t = E[sign D_train]
 *
 * r_v is 0 without overfitting and 1 when held-out images count as generated ones. It bears any
 * shift and scale of the scores, so it holds for every loss; r_t needs a loss whose boundary lies
 * at 0 and says nothing of held-out images, so the alarm is for r_v alone.
 */

import { mean } from "../../../base/math/statistics.ts";
import { percent } from "../../../base/text/format/index.ts";
import type { SampleEvent, WarningEvent } from "../../events.ts";
import type { HeldOutScores } from "./held-out-scores.ts";

/**
 * r_v from which an image counts for more as unknown than as real, twice in a row; the alarm ends
 * below `recover`.
 */
const SHARE = { warn: 0.5, recover: 0.3, samplesInARow: 2 } as const;
/** What the gap has to exceed, in standard errors: with few held-out images it is uncertain. */
const ERRORS = 3;
/**
 * What the scores of training images have to exceed those of generated ones by, in the same errors.
 */
const TOLD = 2;

/**
 * Summary of scores, one an image.
 * @param trained, heldOut, generated scores before any sigmoid, of two images at least
 */
export function heldOutScores(
  trained: readonly number[],
  heldOut: readonly number[],
  generated: readonly number[],
): HeldOutScores {
  return {
    count: heldOut.length,
    trained: rounded(mean(trained)),
    heldOut: rounded(mean(heldOut)),
    generated: rounded(mean(generated)),
    error: rounded(Math.sqrt(variance(trained) / trained.length + variance(heldOut) / heldOut.length)),
    positive: rounded(mean(trained.map(Math.sign))),
  };
}

/**
 * r_v; undefined where training images are hardly scored above generated ones, so that there is
 * nothing to be a share of.
 */
export function overfittingShare({ trained, heldOut, generated, error }: HeldOutScores): number | undefined {
  const told = trained - generated;
  return told > TOLD * error ? (trained - heldOut) / told : undefined;
}

/** Where an episode of overfitting stands. JSON. */
export interface OverfittingState {
  /** Step of the first grid of those that showed it. */
  readonly since: number;
  /** How many did in a row, up to those it takes. */
  readonly times: number;
}

/** Take in a grid of samples. @returns undefined while nothing speaks for overfitting */
export function overfittingAfter(
  state: OverfittingState | undefined,
  { step, heldOut }: SampleEvent,
): OverfittingState | undefined {
  if (heldOut === undefined || step === 0) return state;
  const share = overfittingShare(heldOut) ?? 0;
  const begun = state !== undefined && state.times >= SHARE.samplesInARow;
  if (begun) return share < SHARE.recover ? undefined : state;
  const sure = heldOut.trained - heldOut.heldOut > ERRORS * heldOut.error;
  if (share <= SHARE.warn || !sure) return undefined;
  return { since: state?.since ?? step, times: (state?.times ?? 0) + 1 };
}

/** Whether the alarm is on. */
export const overfits = (state: OverfittingState | undefined): boolean =>
  state !== undefined && state.times >= SHARE.samplesInARow;

/** Steps of a run at which something speaks for overfitting. */
export interface OverfittingSpan {
  readonly since: number;
  /** Step of the grid with which it is over; undefined where the record ends before. */
  readonly until: number | undefined;
  /** Whether it was seen often enough for the alarm. */
  readonly sure: boolean;
}

/** What a record says of overfitting. @param samples in the order of the steps */
export function overfittingSpans(samples: readonly SampleEvent[]): OverfittingSpan[] {
  const spans: OverfittingSpan[] = [];
  let state: OverfittingState | undefined;
  for (const sample of samples) {
    if (sample.asked) continue;
    const after = overfittingAfter(state, sample);
    if (state && !after) spans.push({ since: state.since, until: sample.step, sure: overfits(state) });
    state = after;
  }
  return state ? [...spans, { since: state.since, until: undefined, sure: overfits(state) }] : spans;
}

/** Whether a step lies where something speaks for overfitting. */
export const isOverfitted = (spans: readonly OverfittingSpan[], step: number): boolean =>
  spans.some(({ since, until }) => since <= step && (until === undefined || step < until));

/** The warning for a discriminator that overfits. */
export function overfittingWarning({ step, heldOut }: SampleEvent, since: number): WarningEvent {
  const share = heldOut && overfittingShare(heldOut);
  return {
    ...{ kind: "warning", step, name: "discriminator-overfits" },
    message: `The discriminator learns its training images by heart: on the scale from training images (0%) to generated ones (100%) it takes images that it was never shown for ${percent(share ?? 1)}. From here on samples turn into copies, or become worse.`,
    advice:
      `What is made of this run (sample, export, report, …) takes the checkpoint from before step ${since}, unless it is told otherwise. ` +
      "Begin anew (--new) with --set training.augment=colour,translation,cutout, with --set data.mirror=true where left and right do not matter, with more images, or with fewer steps.",
  };
}

function variance(values: readonly number[]): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / Math.max(1, values.length - 1);
}

/** Enough digits for a chart; a record of a long run has many such lines. */
const rounded = (value: number): number => Number(value.toPrecision(6));
