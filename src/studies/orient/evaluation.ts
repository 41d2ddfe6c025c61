/**
 * How far the rotation head can be trusted: images known to be upright, shown in all four turns,
 * against what it says of them. The vote over four showings treats all turns alike (turning the
 * input turns the vote), so its errors on an upright image are those on a turned one.
 */

import { softmax } from "../../base/math/softmax.ts";
import { percent } from "../../base/text/format/index.ts";
import { TURNS } from "../../objectives/pretext/quarter-turn.ts";
import type { LogitsCollector } from "./rotation-check.ts";
import { likeliest, type Vote, vote } from "./vote.ts";

/** Confidences for which rates are given. */
export const THRESHOLDS = [0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99] as const;

/** Rates at one threshold. */
export interface ThresholdRates {
  readonly threshold: number;
  /** Share of rotated images that are called rotated, by the right turn. */
  readonly recall: number;
  /** Share of upright images that are called rotated. */
  readonly falseAlarms: number;
  /**
   * Share of those called rotated for which the turn is right, when as many images have each turn.
   */
  readonly precision: number;
  /** The same when one image in twenty is rotated, as in a set from cameras. */
  readonly precisionOfFew: number;
}

/** The result. JSON. */
export interface OrientEvaluation {
  readonly images: number;
  /** Row: true turn; column: what the head says of a single showing. Counts. */
  readonly confusion: readonly (readonly number[])[];
  /** Share right of a single showing, and of the vote over four. */
  readonly accuracySingle: number;
  readonly accuracy: number;
  /** Of each turn, of a single showing. */
  readonly perTurn: readonly { readonly precision: number; readonly recall: number }[];
  readonly thresholds: readonly ThresholdRates[];
}

/** Rotated images among all, in `precisionOfFew`. */
const FEW = 0.05;

/**
 * Counts how often the head tells the turns of upright images.
 * @returns a collector for `rotationCheck`, and what it found
 */
export function evaluateTurns(): { readonly collector: LogitsCollector; result(): OrientEvaluation } {
  const confusion = Array.from({ length: TURNS }, () => new Array<number>(TURNS).fill(0));
  const votes: Vote[] = [];
  const result = (): OrientEvaluation => {
    const images = votes.length;
    const right = confusion.reduce((sum, row, turn) => sum + row[turn]!, 0);
    return {
      images,
      confusion,
      accuracySingle: right / (TURNS * images),
      accuracy: votes.filter(({ turns }) => turns === 0).length / images,
      perTurn: confusion.map((row, turn) => ({
        precision: row[turn]! / confusion.reduce((sum, other) => sum + other[turn]!, 0),
        recall: row[turn]! / images,
      })),
      thresholds: THRESHOLDS.map((threshold) => ratesAt(votes, threshold)),
    };
  };
  const collector: LogitsCollector = {
    take({ logits }) {
      votes.push(vote(logits));
      for (let shown = 0; shown < TURNS; shown++)
        confusion[shown]![likeliest(softmax(logits.subarray(shown * TURNS, (shown + 1) * TURNS)))]!++;
    },
    finish() {
      const { images, accuracy, accuracySingle } = result();
      const lines = [
        `right: ${percent(accuracy, 0.001)} of ${images} (a single showing: ${percent(accuracySingle, 0.001)}; chance: 25%)`,
      ];
      return { name: "rotation head", lines, warnings: [], data: result() };
    },
  };
  return { collector, result };
}

/**
 * `votes` are of upright images. One rotated by t is voted (error + t): right where the error is 0;
 * called rotated, by the wrong turn, for two of the three other errors; and taken for upright by
 * the third, when all t are equally frequent.
 */
function ratesAt(votes: readonly Vote[], threshold: number): ThresholdRates {
  const sure = votes.filter(({ confidence }) => confidence >= threshold);
  const recall = sure.filter(({ turns }) => turns === 0).length / votes.length;
  const falseAlarms = sure.filter(({ turns }) => turns !== 0).length / votes.length;
  const precisionAt = (rotated: number): number => {
    const hits = rotated * recall;
    const wrong = rotated * (2 / 3) * falseAlarms + (1 - rotated) * falseAlarms;
    return hits + wrong > 0 ? hits / (hits + wrong) : Number.NaN;
  };
  return { threshold, recall, falseAlarms, precision: precisionAt(0.75), precisionOfFew: precisionAt(FEW) };
}
