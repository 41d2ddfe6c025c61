/** What the discriminator said of one image, taken out of the flat lists of training/judgement.ts. */
import type { JudgedImages } from "../../src/training/judgement.ts";

/** One image in one of its turns. */
export interface TurnJudgement {
  /** Quarter turns, anticlockwise. */
  readonly turns: number;
  /** Logit of the real/fake head, and the probability it stands for. */
  readonly score: number;
  readonly real: number;
  /** Probability of each turn; undefined without a rotation head. */
  readonly guess: readonly number[] | undefined;
  /** Whether the likeliest turn is the true one. */
  readonly right: boolean | undefined;
}

const TURNS = [0, 1, 2, 3];

/** Losses whose discriminator gives a number without a scale of its own: no sigmoid makes a probability of it. */
const WITHOUT_SCALE: ReadonlySet<unknown> = new Set(["wasserstein", "relativistic"]);

/** Whether the score of the real/fake head stands for a probability. @param loss `objective.loss` */
export const hasScale = (loss: unknown): boolean => !WITHOUT_SCALE.has(loss);

/** The four turns of image `index`; undefined when it was not judged. */
export function turnsOf(judged: JudgedImages | undefined, index: number): TurnJudgement[] | undefined {
  if (!judged || judged.score[4 * index] === undefined) return undefined;
  return TURNS.map((turns) => {
    const score = judged.score[4 * index + turns]!;
    const first = 16 * index + 4 * turns;
    const guess = judged.rotation?.slice(first, first + 4);
    return {
      turns,
      score,
      real: 1 / (1 + Math.exp(-score)),
      guess,
      right: guess && guess.indexOf(Math.max(...guess)) === turns,
    };
  });
}

/** Share of all images, in all turns, whose turn was told. */
export function accuracyOf(judged: JudgedImages): number | undefined {
  if (!judged.rotation) return undefined;
  const count = judged.score.length / 4;
  let right = 0;
  for (let i = 0; i < count; i++) right += turnsOf(judged, i)!.filter((turn) => turn.right).length;
  return right / (4 * count);
}
