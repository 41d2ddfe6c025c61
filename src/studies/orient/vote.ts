/**
 * By which quarter turn is an image rotated? The rotation head is shown the image in all four
 * turns. Shown with t more turns it should name a turn larger by t, so each showing is a vote on
 * the image itself, and the mean of the four probabilities is steadier than one (test-time
 * augmentation by the very group that the head was trained on). Turns are counterclockwise, as in
 * objectives/pretext/quarter-turn.ts.
 */
import { softmax } from "../../base/math/softmax.ts";
import { TURNS } from "../../objectives/pretext/quarter-turn.ts";

/** Number of quarter turns, counterclockwise. */
export type Turns = 0 | 1 | 2 | 3;

/** What the head thinks of an image. */
export interface Vote {
  /** How it is rotated, most likely. */
  readonly turns: Turns;
  /** The probability of that, the mean of the four showings, in (0.25, 1]. */
  readonly confidence: number;
  /** How many of the four showings alone would have said so. */
  readonly agreement: number;
}

/** The most likely of four; the first of equals. */
export const likeliest = (values: readonly number[]): Turns => values.indexOf(Math.max(...values)) as Turns;

/**
 * By which quarter turn an image is rotated, as its four views say together.
 * @param logits [4, 4] of one image: row t as it was shown rotated by t quarter turns
 */
export function vote(logits: ArrayLike<number>): Vote {
  const means = [0, 0, 0, 0];
  const single: Turns[] = [];
  for (let shown = 0; shown < TURNS; shown++) {
    const probabilities = softmax(Array.from({ length: TURNS }, (_, k) => logits[shown * TURNS + k]!));
    for (let turns = 0; turns < TURNS; turns++)
      means[turns]! += probabilities[(turns + shown) % TURNS]! / TURNS;
    single.push(((likeliest(probabilities) - shown + TURNS) % TURNS) as Turns);
  }
  const turns = likeliest(means);
  return { turns, confidence: means[turns]!, agreement: single.filter((each) => each === turns).length };
}

/**
 * What is made of a vote: images rotated with less confidence than the threshold are left alone.
 */
export type Verdict = "upright" | "turned" | "unsure";

/**
 * Whether an image counts as upright or as rotated, or nothing can be said.
 * @param threshold in [0.25, 1]
 */
export function verdictOf({ turns, confidence }: Vote, threshold: number): Verdict {
  if (turns === 0) return "upright";
  return confidence >= threshold ? "turned" : "unsure";
}
